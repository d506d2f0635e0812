import { type Grammar, namesOf, type Syntax, wordsOf } from '../src/policy/grammar.ts'
import { BUILT_IN, FAMILIES } from '../src/policy/grammars/list.ts'

/** docs/READS.md: every program that is known, and how far. */
export function readsPage(): string {
  const count = BUILT_IN.flatMap(namesOf).length
  return `# What counts as read

<!-- Generated from src/policy/grammars/ by \`npm run docs\`. -->

A command is of class \`read\` when each of its programs is one of these ${count}, each of their words is on the list of what changes nothing, and it can be run
as it was understood (see [PROGRAMS](PROGRAMS.md)). All else is \`run\`, or \`sudo\`. What is listed was chosen so that it can be proved to change nothing, from the
words alone, on a host whose files the caller may have had a hand in:

- Options that write, name a program, a plug-in, another machine or a file with options in it are left out, and so is every option that is not known.
- A repository, a configuration file or a variable that would make a program start another is overruled, or the command is not on the list: \`git log\` is,
  \`git status\` and \`git diff\` are not, because a repository may name filters that they start.
- Questions to other machines are on the list where the question is all that is sent (\`dig\`, \`ping\`), and not where anything may happen there (\`curl\`).
- Databases are asked without host and port, and by no SQL that could call a function.
- What a program keeps for itself in its own place is no change: locks and caches of LVM, apt and rpm.

A caller who may only \`read\` sees everything that the login of the host sees. Rules about \`paths\` hold for the files that are named.

"With" says what must be among the options; behind a colon stand the subcommands that are known.
${Object.entries(FAMILIES)
  .map(([family, grammars]) => `\n## ${family}\n\n${grammars.map(lineOf).join('\n')}\n`)
  .join('')}`
}

function lineOf(grammar: Grammar): string {
  const names = namesOf(grammar).map((name) => `\`${name}\``)
  const needs = (grammar.needs ?? []).map((each) => oneOf(wordsOf(each)))
  const withNeeds = needs.length > 0 ? ` with ${needs.join(' and ')}` : ''
  const subcommands = grammar.subcommands === undefined ? '' : `: ${subcommandsOf(grammar).join(', ')}`
  return `- ${names.join(', ')}${withNeeds}${startsOf(grammar)}${subcommands}`
}

function startsOf({ runs }: Grammar): string {
  if (runs === undefined) return ''
  if (runs === 'other') return ': never `read`; what it starts is of class `sudo`'
  return runs === 'more' ? ': as what it starts, with words that nobody knows' : ': as what it starts'
}

function subcommandsOf(syntax: Syntax, before = ''): string[] {
  return Object.entries(syntax.subcommands ?? {}).flatMap(([names, below]) => {
    const [first = '', ...others] = wordsOf(names)
    const inner = below.subcommands === undefined ? [] : subcommandsOf(below, `${before}${first} `)
    return inner.length > 0 ? inner : [first, ...others].map((name) => `\`${before}${name}\``)
  })
}

function oneOf(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(' or ')
}
