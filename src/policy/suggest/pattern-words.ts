/** Different values in one place from which on they are taken for any of their kind. */
export const ENOUGH_VALUES = 3

/** An argument as it stands in a pattern of a command: exactly this text. */
export function literalWord(text: string): string {
  const isPlain = /^[\w@%+=:,./~-]+$/.test(text) && !/^\/.+\/$/.test(text)
  return isPlain ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * One word for all of these, which were seen in the same place: numbers, files of one directory, names. Undefined when they are too few,
 * or have nothing in common that could be said without saying more.
 */
export function commonWord(values: readonly string[]): string | undefined {
  // guard: enough-was-seen
  if (values.length < ENOUGH_VALUES) return undefined
  if (values.every((value) => /^\d+$/.test(value))) return '/[0-9]+/'
  if (values.every((value) => NAME.test(value))) return commonName(values)
  const directories = new Set(values.map((value) => FILE.exec(value)?.[1]))
  const [directory] = directories
  // No name that begins with a dot: `..` would lead out of it.
  return directories.size === 1 && directory !== undefined
    ? `/${directory.replace(/[/.+]/g, '\\$&')}[A-Za-z0-9_][A-Za-z0-9._-]*/`
    : undefined
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/
/** A file of a directory with a plain name. */
const FILE = /^(\/(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*\/)+)[A-Za-z0-9_][A-Za-z0-9._-]*$/

/** What they begin and end with, and anything between: `nginx-*.service`. */
function commonName(values: readonly string[]): string {
  const before = commonStart(values)
  const reversed = values.map((value) => [...value.slice(before.length)].reverse().join(''))
  const after = [...commonStart(reversed)].reverse().join('')
  return `${before}*${after}`
}

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1
  }
  return first.slice(0, length)
}
