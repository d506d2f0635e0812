import type { CommandId } from '../../domain/command.ts'
import { standingOfCommand } from '../../pipeline/commands/watch-command.ts'
import { readOutputAction } from '../../pipeline/read-output-action.ts'
import { type Caller, newCall } from '../caller.ts'
import type { CallsUnderWay } from '../calls-under-way.ts'
import type { McpDeps } from '../mcp-deps.ts'

export interface WatchParts {
  readonly deps: McpDeps
  readonly calls: CallsUnderWay
}

/** Telling more often helps nobody: whoever is told comes and reads. */
const PAUSE_MS = 1_000
/** What waits for people is begun without a sign to whoever watches it. */
const LOOK_AGAIN_MS = 2_000
/** A command that lives at another instance is asked about there, each time by a call of the caller's own. */
const ASK_AGAIN_MS = 15_000

/**
 * The caller's own command, read once by a call of its own, so that following it is decided and on record; undefined when that is
 * refused, which looks alike whatever the reason. The function that comes back tells of each change until the command is over, `signal`
 * aborts, or the caller may hear no more of it.
 */
export async function watchCommand(
  id: CommandId,
  caller: Caller,
  parts: WatchParts,
  signal: AbortSignal,
): Promise<((tell: () => void) => Promise<void>) | undefined> {
  const first = await askedMark(id, caller, parts, signal)
  // guard: own-commands-followed
  if (first === undefined) return undefined
  const here = await standingOfCommand(caller.principal, id, parts.deps.bridge)
  return (tell) => follow(id, caller, parts, signal, here?.mark ?? first, tell)
}

async function follow(
  id: CommandId,
  caller: Caller,
  parts: WatchParts,
  signal: AbortSignal,
  first: string,
  tell: () => void,
): Promise<void> {
  const { bridge } = parts.deps
  const { clock } = bridge
  const pause = (ms: number) => clock.sleep(ms, signal).catch(() => undefined)
  let mark = first
  while (!signal.aborted) {
    const here = await standingOfCommand(caller.principal, id, bridge)
    const now = here?.mark ?? (await elsewhere(id, caller, parts, signal))
    if (now === undefined || signal.aborted || bridge.locks.locksOut(caller.principal)) return
    if (now !== mark) {
      mark = now
      tell()
      if (here?.isOver) return
      await pause(PAUSE_MS)
    } else if (here?.isOver) return
    else if (here === undefined) await pause(ASK_AGAIN_MS)
    else await Promise.race([here.news, pause(LOOK_AGAIN_MS)])
  }
}

/** Only where there are other instances: else what is not here is nowhere. */
async function elsewhere(...asked: Parameters<typeof askedMark>): Promise<string | undefined> {
  const { peers } = asked[2].deps.bridge
  return peers?.areThere() === true ? askedMark(...asked) : undefined
}

async function askedMark(
  id: CommandId,
  caller: Caller,
  { deps, calls }: WatchParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const action = readOutputAction({ command_id: id, tail: 1 })
  const answer = await calls
    .perform(newCall(action, caller, deps.bridge.clock), signal)
    .catch(() => undefined)
  return answer?.kind === 'command_output' ? `${answer.state} ${answer.totalBytes}` : undefined
}
