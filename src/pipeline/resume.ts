import type { Call } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'
import type { CommandRecord, CommandStore } from '../domain/command-record.ts'
import type { Log } from '../domain/log.ts'
import type { RunEnd, RunOutcome } from '../domain/outcome.ts'
import { Permit } from '../domain/permit.ts'
import type { Bridge } from './bridge.ts'
import { live } from './commands/begin-command.ts'
import { isRunCall, type RunCall } from './commands/command.ts'

export interface Resumption {
  readonly store: CommandStore
  readonly log: Log
  /** Whether the rules as they are now would let the call run, for its principal as it is now. */
  readonly isAllowed: (call: Call) => boolean
  /** How it ended, if that is on record already. */
  readonly endOnRecord: (call: Call) => Promise<{ readonly at: Date; readonly end: RunEnd } | undefined>
  /** What is not taken over then is left to the next one that starts. */
  readonly isStopping: () => boolean
}

/**
 * Takes over what instances of the bridge that are gone have left, whenever it is called: ended commands can be asked about again,
 * detached ones are followed to their end, and of every other it is on record that nobody knows how it ended. Nothing is started. Resolves
 * when every command is known, not when it has ended. Rejects when one could not be: it is tried again with the next call.
 */
export function resuming(bridge: Bridge, resumption: Resumption): () => Promise<void> {
  let isWhole = true
  const isKnown = (id: CommandId) => bridge.commands.findAnybodys(id) !== undefined
  return async () => {
    const wasWhole = isWhole
    isWhole = false
    const faults: unknown[] = []
    for (const record of await resumption.store.take(wasWhole ? undefined : isKnown)) {
      if (resumption.isStopping()) return
      await resume(record, bridge, resumption).catch((cause: unknown) => faults.push(cause))
    }
    if (faults.length > 0) throw faults[0]
    isWhole = true
  }
}

/** What can fail comes before the command is known. */
async function resume(record: CommandRecord, bridge: Bridge, resumption: Resumption): Promise<void> {
  const { call } = record
  if (!isRunCall(call)) return
  if (record.ended !== undefined) {
    await bridge.commands.restore(call, record, new AbortController())
    return
  }
  // Its instance was lost between the two: a second end would be on record if it were followed.
  const known = await resumption.endOnRecord(call)
  if (known === undefined && call.action.detached === true)
    await followAgain(call, record, bridge, resumption)
  else await settle(call, record, bridge, known)
}

async function followAgain(
  call: RunCall,
  record: CommandRecord,
  bridge: Bridge,
  { isAllowed, log }: Resumption,
) {
  const { clock, audit, running, budgets } = bridge
  const resumed = {
    type: 'call.resumed',
    at: clock.now(),
    call,
    rule: record.rule,
    command: record.id,
  } as const
  await audit.append(resumed)
  const life = new AbortController()
  const command = await bridge.commands.restore(call, record, life)
  command.output.begun()
  const permit = Permit.for(call, { verdict: 'allow', rule: record.rule })
  budgets.holdPlace(call)
  // It ran with permission. When that has ended meanwhile, the one thing still done about it is to end it.
  if (!isAllowed(call)) life.abort(bridge.locks.holds(call) ? 'locked' : 'access_revoked')
  const startedMs = clock.monotonicMs() - (clock.now().getTime() - record.startedAt.getTime())
  running
    .track(call, life.signal, (signal) => live(command, permit, 'resume', bridge, { signal, startedMs }))
    .catch((cause: unknown) =>
      log.error('A detached command that was taken up again was lost sight of', {
        command: command.id,
        cause: String(cause),
      }),
    )
}

/** That nobody knows how its call ended is put on record with all other calls of an instance that was lost. */
const NOBODY_KNOWS: RunEnd = { how: 'unknown', reason: 'the bridge was stopped while the command ran' }

async function settle(
  call: RunCall,
  record: CommandRecord,
  { clock, commands }: Bridge,
  { at, end }: { readonly at: Date; readonly end: RunEnd } = { at: clock.now(), end: NOBODY_KNOWS },
) {
  const command = await commands.restore(call, record, new AbortController())
  const { host, command: text } = call.action
  const durationMs = at.getTime() - record.startedAt.getTime()
  const outcome: RunOutcome = { kind: 'ran', host, command: text, end, durationMs }
  command.hasEnded(at, outcome)
  await commands.settle(command)
  command.tellEnded()
}
