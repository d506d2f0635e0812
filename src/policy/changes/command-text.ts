import { type Command, type CommandNode, type PipelineNode, parse, type Word } from 'unbash'

/** A pipeline of a command, and what joins it to the one before: `;`, ` &&`, ` ||`; of the first, nothing. */
export interface Unit {
  readonly text: string
  readonly joint: string
}

/** Commands of more units are not taken apart: nobody reads what would come of it. */
const MOST_UNITS = 40

/**
 * The pipelines of a list, in order: `a; b && c | d` are three. Undefined where the text is not parsed. A branch, a loop or a group is one
 * of them. Whether one makes sense without the others is for people to say.
 */
export function unitsOf(text: string): readonly Unit[] | undefined {
  const script = parse(text)
  if (script.errors !== undefined && script.errors.length > 0) return undefined
  const units = script.commands.flatMap(({ command }): Unit[] => {
    if (command.type !== 'AndOr') return [{ text: sourceOf(command, text), joint: ';' }]
    return command.commands.map((each, index) => ({
      text: sourceOf(each, text),
      joint: index === 0 ? ';' : ` ${command.operators[index - 1] ?? '&&'}`,
    }))
  })
  if (units.length > MOST_UNITS) return undefined
  return units
}

/** As one text again. */
export function joined(units: readonly Unit[]): string {
  return units.map(({ text, joint }, index) => (index === 0 ? text : `${joint} ${text}`)).join('')
}

/** The commands of one pipeline; none where the text is not exactly one. */
export function stagesOf(text: string): readonly CommandNode[] {
  const { commands, errors } = parse(text)
  const [statement] = commands
  if (statement === undefined || commands.length > 1 || (errors !== undefined && errors.length > 0)) return []
  const { command } = statement
  if (command.type === 'AndOr') return []
  return command.type === 'Pipeline' ? command.commands : [command]
}

export function sourceOf({ pos, end }: PipelineNode, text: string): string {
  return text.slice(pos, end)
}

/** A stretch of a command's text, and what would stand there instead. */
export interface Edit {
  readonly pos: number
  readonly end: number
  readonly by: string
}

/** The text with the edits done. One that overlaps an earlier one is left undone. */
export function edited(text: string, edits: readonly Edit[]): string {
  let made = ''
  let at = 0
  for (const { pos, end, by } of edits.toSorted((a, b) => a.pos - b.pos)) {
    if (pos < at) continue
    made += text.slice(at, pos) + by
    at = end
  }
  return (made + text.slice(at)).trim()
}

/** Left out with the space before it. */
export function without({ pos, end }: { readonly pos: number; readonly end: number }, text: string): Edit {
  const spaces = /\s*$/.exec(text.slice(0, pos))?.[0].length ?? 0
  return { pos: pos - spaces, end, by: '' }
}

export function argumentsOf(command: Command): Word[] {
  return command.args.filter((word): word is Word => word.type === 'Word')
}

export function isOption({ text }: Word): boolean {
  return text.length > 1 && text.startsWith('-') && text !== '--'
}
