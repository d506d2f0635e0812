/** Keys by name, and what an xterm sends for them. */

/** Modes of the terminal that change what a key sends. */
export interface KeyModes {
  /** DECCKM: a program asked for `ESC O A` instead of `ESC [ A`. */
  readonly applicationCursor: boolean
}

const PLAIN: Readonly<Record<string, string>> = {
  Enter: '\r',
  Tab: '\t',
  'S-Tab': '\x1b[Z',
  Escape: '\x1b',
  Backspace: '\x7f',
  Space: ' ',
}

/** Sent as `ESC [ letter`, or `ESC O letter` in application mode; with a modifier as `ESC [ 1 ; modifier letter`. */
const CURSOR: Readonly<Record<string, string>> = {
  Up: 'A',
  Down: 'B',
  Right: 'C',
  Left: 'D',
  Home: 'H',
  End: 'F',
}

/** Sent as `ESC O letter`; with a modifier as the cursor keys are. */
const FIRST_FUNCTIONS: Readonly<Record<string, string>> = { F1: 'P', F2: 'Q', F3: 'R', F4: 'S' }

/** Sent as `ESC [ number ~`. */
const NUMBERED: Readonly<Record<string, number>> = {
  Insert: 2,
  Delete: 3,
  PageUp: 5,
  PageDown: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
}

/** What xterm adds to 1 for each modifier that is held. */
const MODIFIERS: Readonly<Record<string, number>> = { S: 1, M: 2, C: 4 }

export const KEY_NAMES =
  'Enter Tab S-Tab Escape Backspace Space Up Down Left Right Home End PageUp PageDown Insert Delete F1-F12, C-a to C-z, C-Space C-[ C-\\ C-] C-^ C-_, M- and a character; S-, M- or C- before Up to F12'

/** Undefined for a name that is not known. */
export function keyBytes(name: string, modes: KeyModes): string | undefined {
  if (Object.hasOwn(PLAIN, name)) return PLAIN[name]
  return control(name) ?? meta(name) ?? modified(name, modes)
}

/** `C-c` is 0x03: the letter without its upper bits (ECMA-48 §5.2). */
function control(name: string): string | undefined {
  if (name === 'C-Space' || name === 'C-@') return '\0'
  const key = /^C-([a-zA-Z[\\\]^_])$/.exec(name)?.[1]
  return key && String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f)
}

function meta(name: string): string | undefined {
  const key = /^M-([\x20-\x7e])$/.exec(name)?.[1]
  return key && `\x1b${key}`
}

function modified(name: string, { applicationCursor }: KeyModes): string | undefined {
  const [, held = '', key = ''] = /^((?:[SMC]-)*)(\w+)$/.exec(name) ?? []
  const added = [...new Set(held.replaceAll('-', ''))].reduce((sum, one) => sum + (MODIFIERS[one] ?? 0), 0)
  const number = own(NUMBERED, key)
  if (number !== undefined) return added > 0 ? `\x1b[${number};${added + 1}~` : `\x1b[${number}~`
  const letter = own(CURSOR, key) ?? own(FIRST_FUNCTIONS, key)
  if (letter === undefined) return undefined
  if (added > 0) return `\x1b[1;${added + 1}${letter}`
  return applicationCursor || Object.hasOwn(FIRST_FUNCTIONS, key) ? `\x1bO${letter}` : `\x1b[${letter}`
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}
