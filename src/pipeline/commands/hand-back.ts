import type { Answer } from '../../domain/answer.ts'
import { commandIdOf } from '../../domain/command.ts'
import { BridgeError } from '../../domain/errors.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import type { Command, RunCall } from './command.ts'
import { commandAnswer } from './command-answer.ts'

export interface Way {
  readonly walk: (life: AbortController) => Promise<Answer>
  /** Takes note of what the caller is shown, before it is. */
  readonly noted: (answer: Answer) => Promise<Answer>
}

/**
 * Walks the call's way, and waits for its end as long as the call says. Then the command goes on by itself: its record is durable
 * before the caller hears so, and from then on only `cancel_command`, the rules, its own time or a shutdown end it. A caller that goes
 * away while waiting ends an ordinary command; a detached one goes on.
 */
export async function untilHandedBack(
  call: RunCall,
  bridge: Bridge,
  signal: AbortSignal,
  { walk, noted }: Way,
): Promise<Answer> {
  const life = new AbortController()
  const waited = new AbortController()
  const begun = () => bridge.commands.find(principalKey(call.principal), commandIdOf(call))
  const gone = () => {
    if (begun()?.isDetached) waited.abort('gone')
    else life.abort(signal.reason)
  }
  if (signal.aborted) gone()
  signal.addEventListener('abort', gone, { once: true })
  // Nobody is shown the end of one that was handed back.
  const told = (answer: Answer) => (begun()?.isHandedBack ? answer : noted(answer))
  const answer = bridge.running.trackLife(call, life, () => walk(life).then(told))
  const pause = bridge.clock.sleep(call.action.waitMs, waited.signal).catch(() => undefined)
  try {
    const first = await Promise.race([answer, pause])
    if (first !== undefined) return first
    const command = begun()
    // Still being decided, or being recorded as over: either takes no time of its own.
    if (command === undefined || command.isOver) return await answer
    await handBack(command, bridge)
    return noted(await commandAnswer(command, bridge))
  } finally {
    waited.abort('over')
    signal.removeEventListener('abort', gone)
    // What goes wrong after the hand-back is on record; nobody waits for it here any more.
    answer.catch(() => undefined)
  }
}

async function handBack(command: Command, { audit, clock, commands }: Bridge): Promise<void> {
  command.isHandedBack = true
  const continued = {
    type: 'call.continued',
    at: clock.now(),
    call: command.call,
    command: command.id,
  } as const
  await Promise.all([audit.append(continued), commands.keep(command)]).catch((cause: unknown) => {
    const message = `The command runs as ${command.id}, but that could not be recorded. Do not repeat it blindly.`
    throw new BridgeError('audit_unavailable', message, { cause })
  })
}
