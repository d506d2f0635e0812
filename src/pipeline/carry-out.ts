import type { Answer, CancelAnswer, OutputPage } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import { principalKey } from '../domain/principal.ts'
import type { Progress } from '../domain/progress.ts'
import type { Bridge } from './bridge.ts'
import { cancelCommand } from './commands/cancel-command.ts'
import { readOutput } from './commands/read-output.ts'
import { decideNow, mayKnow } from './decide-now.ts'
import { outputDigest } from './fan-out/output-digest.ts'
import { runOnHosts } from './fan-out/run-on-hosts.ts'
import { hostViews } from './host-views.ts'

/** What came of a permitted action: as its host told it, or as the pipeline itself answers. */
export type Done =
  | Outcome
  | OutputPage
  | CancelAnswer
  | Extract<Answer, { readonly kind: 'ran_on_hosts' | 'failed' }>

export interface Surroundings {
  /** The one way, for calls on behalf of this one. */
  readonly perform: (call: Call, bridge: Bridge, signal: AbortSignal) => Promise<Answer>
  readonly progress: Progress
}

/** Does what the permit allows, everything but running a command, which has a life of its own. */
export async function carryOut(
  permit: Permit,
  bridge: Bridge,
  signal: AbortSignal,
  { perform, progress }: Surroundings,
): Promise<Done> {
  const { call } = permit
  const { action } = call
  switch (action.kind) {
    case 'list_hosts':
      return { kind: 'hosts', hosts: hostViews(bridge.hosts, call.principal) }
    case 'get_command_output':
      return readOutput(call, action, bridge, signal)
    case 'cancel_command':
      return cancelCommand(call, action.command, bridge, signal)
    case 'run_on_hosts': {
      const deps = {
        hosts: bridge.hosts,
        clock: bridge.clock,
        limits: bridge.limits.fanOut,
        mayRun: (child: Call) => decideNow(child, bridge).verdict !== 'deny',
        perform: (child: Call, ended: AbortSignal) => perform(child, bridge, ended),
        digestOf: (id: CommandId) =>
          outputDigest(bridge.commands.find(principalKey(call.principal), id)?.output),
      }
      return runOnHosts({ ...call, action }, deps, signal, progress)
    }
    case 'get_session_stats': {
      const outcome = await bridge.executor.execute(permit, signal, progress)
      if (outcome.kind !== 'stats') return outcome
      // Of a host that is out of the caller's reach now, no command is known: get_command_output says the same.
      const own = bridge.commands
        .list(principalKey(call.principal))
        .filter((command) => mayKnow(command.call, call.principal, bridge))
      const commands = own.slice(0, MOST_LISTED).map((command) => command.summary())
      return { kind: 'stats', stats: { ...outcome.stats, commands } }
    }
    default:
      return bridge.executor.execute(permit, signal, progress)
  }
}

/** Commands that one answer lists. */
const MOST_LISTED = 50
