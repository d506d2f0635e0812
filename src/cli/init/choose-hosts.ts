import { printable } from '../../lib/printable.ts'
import { say } from '../command.ts'
import { findHosts, withHops } from './find-hosts.ts'
import { type HostEntry, whereOf } from './host-entry.ts'
import { type Answered, type Questions, readSome } from './question.ts'
import { type TypedOptions, typeHost } from './type-host.ts'

export interface HostOptions extends TypedOptions {
  /** Of `~/.ssh/config`: names, patterns, all, none. */
  readonly hosts?: string
}

/** Longer lists are cut: all of them can be chosen all the same. */
const SHOWN = 30
const NEW = 'new'

/** Those of `~/.ssh/config` that are wanted, with the hops to them; or one that is typed. */
export async function chooseHosts(questions: Questions, options: HostOptions): Promise<readonly HostEntry[]> {
  const { entries, notes } = await findHosts()
  const offered = entries.filter(({ isHop }) => !isHop)
  for (const note of notes) say(`  note: ${printable(note)}`)
  if (offered.length === 0) {
    say(notes.length > 0 ? '' : 'There are no hosts in ~/.ssh/config, so type one.')
    return [await typeHost(questions, options, [])]
  }
  list(offered)
  const names = offered.map(({ name }) => name)
  const wantsTyped = options.address !== undefined
  const chosen = await questions.ask({
    text: 'Which of them may assistants use? (all, names, numbers, web-*; new to type another)',
    option: '--hosts',
    given: options.hosts ?? (wantsTyped ? 'none' : undefined),
    fallback: 'all',
    read: (text) => readChosen(text, names, wantsTyped),
  })
  const kept = withHops(
    offered.filter(({ name }) => chosen.names.includes(name)),
    entries,
  )
  if (!chosen.isNew && !wantsTyped) return kept
  return [
    ...kept,
    await typeHost(
      questions,
      options,
      kept.map(({ name }) => name),
    ),
  ]
}

function list(offered: readonly HostEntry[]): void {
  const count = offered.length
  say(`${count} ${count === 1 ? 'host' : 'hosts'} in ~/.ssh/config:`)
  const width = Math.max(...offered.slice(0, SHOWN).map(({ name }) => name.length))
  for (const [index, entry] of offered.slice(0, SHOWN).entries()) {
    const jump = entry.jump === undefined ? '' : `, over ${entry.jump}`
    say(
      `  ${String(index + 1).padStart(3)}  ${entry.name.padEnd(width)}  ${printable(whereOf(entry))}${jump}`,
    )
  }
  if (count > SHOWN) say(`       and ${count - SHOWN} more`)
}

interface Chosen {
  readonly names: readonly string[]
  readonly isNew: boolean
}

/** `new` may stand among the others. Nothing at all is no answer, unless one is typed anyway. */
function readChosen(text: string, names: readonly string[], mayBeNone: boolean): Answered<Chosen> {
  const words = text.split(/[\s,]+/)
  const isNew = words.includes(NEW) && !names.includes(NEW)
  const answered = readSome(names)(words.filter((word) => !isNew || word !== NEW).join(','))
  if ('wrong' in answered) return answered
  if (answered.is.length === 0 && !isNew && !mayBeNone)
    return { wrong: 'a bridge without hosts serves nobody: choose one, or write new to type one' }
  return { is: { names: answered.is, isNew } }
}
