import { escapedJson, printable } from '../../lib/printable.ts'
import type { SuggestedRole } from './suggest-roles.ts'
import type { SuggestedRule, SuggestedRules } from './suggest-rules.ts'

/** Sections of a configuration, as text: the same for the same rules. `remarks` stand above them, a line each. */
export function rulesText({ roles, rules }: SuggestedRules, remarks: readonly string[]): string {
  const lines = [
    ...remarks.map((remark) => `# ${printable(remark)}`.trimEnd()),
    ...(roles.length === 0 ? ['roles: []'] : ['roles:', ...roles.flatMap(roleLines)]),
    ...(rules.length === 0 ? ['rules: []'] : ['rules:', ...rules.flatMap(ruleLines)]),
  ]
  return `${lines.join('\n')}\n`
}

function roleLines({ name, match, people }: SuggestedRole): string[] {
  return [
    // guard: suggested-remark-is-one-line
    `  # ${printable(people.length > MOST_NAMED ? `${people.length} people` : people.join(', '))}`,
    `  - name: ${text(name)}`,
    '    match:',
    ...match.map(
      (one) =>
        `      - {${Object.entries(one)
          .map(([key, values]) => `${key}: ${list(values)}`)
          .join(', ')}}`,
    ),
  ]
}

function ruleLines({
  name,
  role,
  hosts,
  class: needed,
  commands,
  paths,
  count,
  newestAt,
  people,
}: SuggestedRule): string[] {
  const [times, who] = [number(count, 'time'), people === 1 ? '' : ` by ${people} people`]
  return [
    `  # seen ${times}${who}, latest ${newestAt.toISOString().slice(0, 10)}`,
    `  - name: ${text(name)}`,
    `    roles: ${list([role])}`,
    `    hosts: ${list(hosts)}`,
    `    actions: ${list([needed])}`,
    ...listLines('commands', commands),
    ...listLines('paths', paths),
    '    effect: allow',
  ]
}

const MOST_NAMED = 10

function listLines(key: string, items: readonly string[] | undefined): string[] {
  return items === undefined ? [] : [`    ${key}:`, ...items.map((item) => `      - ${text(item)}`)]
}

function list(items: readonly string[]): string {
  return `[${items.map(text).join(', ')}]`
}

/** In double quotes JSON is YAML, when it holds no line end of YAML's that is none of JSON's. */
function text(value: string): string {
  // guard: suggested-text-is-quoted
  return escapedJson(JSON.stringify(value))
}

function number(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
