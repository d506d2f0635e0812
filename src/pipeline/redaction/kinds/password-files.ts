import { isPlaceholder } from './placeholder.ts'
import { inContext, type Recognizer } from './recognizer.ts'

const isPassword = (value: string) => !isPlaceholder(value)

/** Lines of files that programs read passwords from, where no sign says that a value follows. */
export const PASSWORD_FILES: readonly Recognizer[] = [
  // .netrc
  inContext(
    'password_file',
    ['machine ', 'default login'],
    /(?:machine\s{1,8}\S{1,255}|default)\s{1,16}(?:(?:login|account)\s{1,8}\S{1,255}\s{1,16}){0,2}password\s{1,8}([^\0-\x20]{1,255})/y,
    isPassword,
  ),
  // .pgpass: host, port, database, user, password
  {
    kind: 'password_file',
    anchors: [':*:', ':5432:', ':5433:', ':6432:', ':6543:'],
    find(text, at) {
      // Numbers of lines and names of files may stand before it.
      const before = /[^\0-\x20#]{1,255}$/.exec(text.slice(Math.max(0, at - 255), at))?.[0]
      const rest = /(?::(?:[^\0-\x1f:\\]|\\.){1,255}){2,4}(?=\r?\n|\r?$)/y
      rest.lastIndex = at
      const behind = rest.exec(text)?.[0]
      if (before === undefined || behind === undefined) return undefined
      const fields = `${before}${behind}`.split(/(?<!\\):/).slice(-5)
      const [host, port = '', database, user, value = ''] = fields
      if (!host || !/^(?:\d{2,5}|\*)$/.test(port) || !database || !user || !value) return undefined
      return isPassword(value) ? { start: rest.lastIndex - value.length, end: rest.lastIndex } : undefined
    },
  },
  // .docker/config.json and .npmrc
  inContext(
    'password_file',
    ['"auth"', '_auth='],
    /(?:"auth"\s{0,4}:\s{0,4}"|_auth=)([A-Za-z0-9+/]{8,500}={0,2})(?![A-Za-z0-9+/=])/y,
    (value) => /^[^:\0-\x1f]{1,128}:[\x20-\x7e]+$/.test(Buffer.from(value, 'base64').toString('latin1')),
  ),
  // Directives of servers and of clients of directories
  inContext(
    'password_file',
    ['requirepass ', 'masterauth ', 'bindpw ', 'rootpw ', 'rootbindpw '],
    /[a-z]{6,11}\s{1,8}["']?([^\0-\x20"']{4,255})/y,
    isPassword,
  ),
  // Networks without wires, and the keys of tunnels
  inContext('password_file', ['psk='], /psk=["']?([^\0-\x20"']{8,64})/y, isPassword),
  inContext(
    'password_file',
    [' PSK "', ': PSK '],
    /.{1,2}PSK ["']([^\0-\x20"']{6,255})(?=["'])/y,
    isPassword,
  ),
]
