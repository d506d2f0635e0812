import type { EffectsHost, Seen } from '../kit/effects/effects-host.ts'
import { type EffectsHosts, onEffectsHosts } from '../kit/effects/effects-hosts.ts'
import type { ReadOnly } from '../kit/read-only.ts'
import { ORDINARY_COMMANDS } from './ordinary-commands.ts'

/** What was seen of a command that was run as it was understood, and whether it printed what it prints anyway. */
export interface Compared {
  readonly command: string
  readonly effects: Seen['effects']
  readonly isSame: boolean
}

const NO_SUCH_PROGRAM = 127
/** Of what a script sets, what changes how programs write. */
const SAME_ENVIRONMENT = 'export LANG=C.UTF-8 TERM=dumb PAGER=cat'
/** What else runs on this machine begins and ends while they look, and they see themselves being asked. */
const SEES_PROCESSES = /\b(?:ps|pgrep|pidof|pstree|top)\b/

/** What an administrator asks, without what waits for an answer of a network, or for ever. */
export const READING_COMMANDS: readonly string[] = ORDINARY_COMMANDS.filter(
  ({ class: kind, miss, command }) =>
    kind === 'read' &&
    miss === undefined &&
    !/^apt|example\.com|192\.0\.2|tail -[fF]|(?:logs|journalctl) -f| -w$|find \/ |du -xsh \/\*/.test(command),
).map(({ command }) => command)

/** Runs each as it is and as it is understood. Those whose programs are not there, or take too long, are left out. */
export async function compared(
  commands: readonly string[],
  hosts: EffectsHosts,
  readOnly: ReadOnly,
): Promise<Compared[]> {
  const cases: { readonly command: string; readonly shell?: 'zsh' }[] = commands.map((command) => ({
    command,
  }))
  const seen = await onEffectsHosts(hosts, cases, ({ command }, host) => compare(command, host, readOnly))
  return seen.filter((one) => one !== undefined)
}

async function compare(
  command: string,
  host: EffectsHost,
  readOnly: ReadOnly,
): Promise<Compared | undefined> {
  const script = readOnly(command)
  if (script === undefined) return undefined
  const asItIs = () => host.see(() => `${SAME_ENVIRONMENT}\n${command}`)
  const plain = await asItIs()
  if (plain.status === NO_SUCH_PROGRAM || plain.status === undefined) return undefined
  const understood = await host.see(() => script)
  if (understood.status === undefined) return undefined
  // Some make a file when they are run as they are.
  const isLike =
    plain.effects.length > 0 ||
    SEES_PROCESSES.test(command) ||
    sameWords(plain, understood) ||
    !sameWords(plain, await asItIs())
  return { command, effects: understood.effects, isSame: isLike }
}

/** Numbers change from one moment to the next. */
function sameWords(a: Seen, b: Seen): boolean {
  const words = ({ output }: Seen) => output.replace(/[\d.:]+/g, '#').replace(/\s+/g, ' ')
  return a.status === b.status && words(a) === words(b)
}
