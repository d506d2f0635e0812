import type { Grammar, ValueKind } from '../grammar.ts'

/**
 * `sed` and `awk`: languages of their own, that can write files and start programs. Of each a part is known that can do neither, as a
 * pattern. It holds for every implementation in use (GNU, BSD, BusyBox; gawk, mawk, the original): where they read a text differently, the
 * pattern does not take it.
 */
const BLANKS = '[ \\t]*'

/** Of sed: up to the next delimiter. Each backslash takes what follows with it; in brackets is nothing that somebody takes for an end. */
const within = (delimiter: string) =>
  `(?:[^${delimiter}\\\\\\n\\[]|\\\\[^\\n]|\\[\\^?(?:\\[:[a-z]+:\\]|[^\\]\\[${delimiter}\\\\\\n])+\\])*`
const ADDRESS = `(?:[0-9]+(?:~[0-9]+)?|\\$|/${within('/')}/[IM]?)`
const ADDRESSES = `(?:${ADDRESS}(?: *, *(?:${ADDRESS}|[+~][0-9]+))? *!? *)?`
// Not `w` and `e`, neither as commands nor behind `s`; nor `r` and `R`: what they read is not seen by a rule about paths.
const SUBSTITUTE = ['/', '\\|', ',', '#', ':', '@', '!']
  .map((d) => `s${d}${within(d)}${d}(?:[^${d}\\\\\\n]|\\\\[^\\n])*${d}[gpIiMm0-9]*`)
  .join('|')
const COMMAND = `(?:[pPdDnNgGhHxlz=]|[qQ][0-9]*|${SUBSTITUTE})`
const SED: ValueKind = `/[ \\t;\\n]*(?:${ADDRESSES}(?:\\{[ \\t;\\n]*|${COMMAND}${BLANKS}(?:[;\\n}][ \\t;\\n}]*|$)))*/`

/**
 * awk, word by word. What is dangerous has no word here: no bar is a pipe, and no greater-than sign stands behind `print`, where it would
 * write; `system`, `getline`, `ARGV`, `ENVIRON` and `@` are not among the names. A slash begins a regular expression only where every awk
 * expects a value, and divides only behind one: nobody takes the end of a string for its beginning.
 */
const STRING = '"(?:[^"\\\\\\n]|\\\\[^\\n])*"'
const REGEX = `/(?:[^/\\\\\\n"\\[]|\\\\[^\\n"]|\\[\\^?(?:\\[:[a-z]+:\\]|[^\\]\\[/\\\\"\\n])+\\])+/`
const NUMBER = '\\b[0-9]+(?:\\.[0-9]+)?\\b'
/** Whatever has at most four letters only computes. */
const NAME =
  '\\b(?:[a-z][a-z0-9_]{0,3}|index|match|split|while|break|total|count|lines|bytes|delete|length|substr|tolower|toupper|sprintf|' +
  'strftime|systime|NR|NF|FNR|FS|OFS|ORS|RS|RSTART|RLENGTH|SUBSEP|FILENAME|BEGIN|END)\\b'
const DIVISION = `(?:\\$[0-9]+|\\$?\\b(?:NF|NR|FNR|sum|total|count|max|min|[a-z]|[0-9]+(?:\\.[0-9]+)?)\\b)${BLANKS}/`
/** Behind `print` there is neither `>` nor `||`. */
const PRINTED = `(?:${DIVISION}|(?:&&|[!~(,])${BLANKS}${REGEX}|${STRING}|${NUMBER}|${NAME}|&&|[<!=]=|[-+*%^<!~=?:,$()\\[\\] \\t])`
const COMPUTED = `(?:\\|\\|(?:${BLANKS}${REGEX})?|>=?|${PRINTED})`
const NEXT = `[{};\\n][{};\\n \\t]*(?:${REGEX})?`
const AWK: ValueKind = `/\\s*(?:${REGEX})?(?:${NEXT}|${COMPUTED}|\\bprintf?\\b${PRINTED}*(?:${NEXT}|$))*/`

export const SCRIPTS: readonly Grammar[] = [
  {
    program: 'sed',
    // Not -i, which writes, nor -f, whose text is not known.
    flags: '-n -E -r -s -u -z --quiet --silent --regexp-extended --separate --unbuffered --null-data',
    options: { '-e --expression': SED },
    operands: [
      { is: SED, unless: '-e --expression' },
      { is: 'path', count: 'any' },
    ],
  },
  {
    program: 'awk gawk mawk nawk',
    // So that gawk opens no connection for a file called /inet/tcp/….
    environment: { POSIXLY_CORRECT: '1' },
    position: 'first',
    options: { '-F': 'text', '-v': '/[A-Za-z_][A-Za-z0-9_]*=[^\\n]*/' },
    operands: [{ is: AWK }, { is: 'path', count: 'any' }],
  },
]
