import { posix } from 'node:path'

/** A name of a host as it can be shown: hostile and undecodable ones in escapes, everything else as it is. */
export interface ShownName {
  readonly name: string
  readonly isEscaped: boolean
}

// Controls, line separators, and the marks that turn the direction of what follows: they would forge lines and other names.
const UNSHOWABLE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u
/** Shown text that would not come back as the same bytes: a lone surrogate cannot be encoded. */
const REPLACEMENT = '\uFFFD'

/** @param isOneName whether a slash in it is foreign: a name out of a directory holds none. */
export function shownName(bytes: Buffer, isOneName = true): ShownName {
  const text = bytes.toString('utf8')
  const isWhole = !text.includes(REPLACEMENT) || Buffer.from(text).equals(bytes)
  const isHostile = isOneName && (text.includes('/') || text === '' || text === '.' || text === '..')
  if (isWhole && !isHostile && !UNSHOWABLE.test(text)) return { name: text, isEscaped: false }
  return { name: isWhole ? escaped(text) : escapedBytes(bytes), isEscaped: true }
}

export function shownPath(path: string | Buffer): string {
  return shownName(typeof path === 'string' ? Buffer.from(path) : path, false).name
}

/** Names that lead out of the directory they stand in, or that no file system has. They are shown and never asked for. */
export function isSafeName(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  return text !== '' && text !== '.' && text !== '..' && !/[/\0]/.test(text)
}

export function joinPath(directory: Buffer, name: string | Buffer): Buffer {
  const slash = directory.at(-1) === 0x2f ? '' : '/'
  return Buffer.concat([directory, Buffer.from(slash), Buffer.from(name)])
}

/** The directory and the last part of an absolute path. */
export function splitPath(path: Buffer): { readonly directory: Buffer; readonly name: Buffer } {
  const text = path.toString('latin1')
  const name = posix.basename(text)
  return { directory: Buffer.from(posix.dirname(text), 'latin1'), name: Buffer.from(name, 'latin1') }
}

function escaped(text: string): string {
  return [...text]
    .map((sign) => {
      if (sign === '\\') return '\\\\'
      if (!UNSHOWABLE.test(sign)) return sign
      const code = sign.codePointAt(0) ?? 0
      return code < 0x100 ? hex(code) : `\\u${code.toString(16)}`
    })
    .join('')
}

function escapedBytes(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => {
      if (byte === 0x5c) return '\\\\'
      return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte)
    })
    .join('')
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}
