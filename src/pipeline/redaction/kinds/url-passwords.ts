import { isPlaceholder } from './placeholder.ts'
import { inContext, type Recognizer } from './recognizer.ts'

/**
 * Passwords in addresses (RFC 3986 §3.2.1) and in the data source names that look like them. What stands there for a password is left,
 * and so is a port.
 */
export const URL_PASSWORDS: readonly Recognizer[] = [
  inContext(
    'url_password',
    ['://'],
    /:\/\/[^\0-\x20/?#:@"'`<>\\]{0,128}:([^\0-\x20/@"'`<>]{1,256}(?:@[^\0-\x20/@"'`<>]{1,256}){0,3})(?=@[A-Za-z0-9_.[-])/y,
    (value) => !isPlaceholder(value) && !/^\d{1,5}\D?$/.test(value),
  ),
  // Go: user:password@tcp(host:port)/database
  {
    kind: 'url_password',
    anchors: ['@tcp(', '@unix('],
    find(text, at) {
      const value = /[A-Za-z0-9_.-]{1,64}:([^\0-\x20"'`<>]{1,128})$/.exec(
        text.slice(Math.max(0, at - 200), at),
      )?.[1]
      return value === undefined || isPlaceholder(value) ? undefined : { start: at - value.length, end: at }
    },
  },
]
