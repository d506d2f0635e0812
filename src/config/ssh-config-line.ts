/** One line of an OpenSSH client configuration, not yet understood. */
export interface SshConfigLine {
  /** In small letters: keywords are the same in any case (ssh_config(5)). */
  readonly keyword: string
  readonly words: readonly string[]
  /** All that follows the keyword as it is written: for those whose value is one command line. */
  readonly rest: string
}

/** A configuration that OpenSSH would refuse to read. Tells the line, never its text: it may hold anything. */
export class SshConfigError extends Error {
  constructor(lineNumber: number) {
    super(`line ${lineNumber} has a quote without its end`)
    this.name = 'SshConfigError'
  }
}

/** @throws SshConfigError for a quote that is not closed. */
export function parseSshConfigLines(text: string): SshConfigLine[] {
  return text.split('\n').flatMap((line, index) => {
    const [, quoted, plain, rest = ''] =
      /^[ \t\f]*(?:"([^"]*)"|([^\s"=#][^\s"=]*))[ \t]*=?[ \t]*(.*)$/.exec(line.trimEnd()) ?? []
    const keyword = (quoted ?? plain ?? '').toLowerCase()
    if (keyword === '') return []
    const words = RAW.has(keyword) ? [rest] : splitWords(rest)
    if (words === undefined) throw new SshConfigError(index + 1)
    return [{ keyword, words, rest }]
  })
}

/** Their value is handed to a shell, or has rules of its own. */
const RAW = new Set(['proxycommand', 'remotecommand', 'localcommand', 'knownhostscommand'])

/**
 * Words as OpenSSH splits them: single and double quotes, a backslash before a quote, a backslash or (outside of quotes) a space, and a
 * `#` at the beginning of a word ends the line. Undefined when a quote is not closed.
 */
function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    const first = text[at] ?? ''
    if (first === ' ' || first === '\t') {
      at += 1
      continue
    }
    if (first === '#') break
    let [word, quote] = ['', '']
    for (; at < text.length; at += 1) {
      const [here, next] = [text[at] ?? '', text[at + 1] ?? '']
      const isEscape = here === '\\' && (/^['"\\]$/.test(next) || (quote === '' && next === ' '))
      if (isEscape) {
        word += next
        at += 1
      } else if (quote === '' && (here === ' ' || here === '\t')) break
      else if (quote === '' && (here === '"' || here === "'")) quote = here
      else if (quote !== '' && here === quote) quote = ''
      else word += here
    }
    if (quote !== '') return undefined
    words.push(word)
  }
  return words
}
