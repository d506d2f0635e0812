import type { Action, Call } from '../../domain/call.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted, Outcome } from '../../domain/outcome.ts'
import { principalKey } from '../../domain/principal.ts'
import type { RunChannel } from '../run/channel.ts'
import { directoryInExecMode } from '../run/run-in-exec-mode.ts'
import { isTerminalHandle } from '../terminal/refusals.ts'
import type { Terminals } from '../terminal/terminals.ts'
import type { Sessions } from './sessions.ts'
import { closeInShellMode, directoryInShellMode, openInShellMode } from './shell-mode.ts'

/** How long a host may take to tell its working directory. */
const DIRECTORY_TIMEOUT_MS = 15_000

/** What is asked of sessions and terminals, beside running commands in them. */
export type SessionAction = Extract<
  Action,
  { kind: 'get_working_directory' | 'open_session' | 'close_session' | 'use_terminal' }
>

export interface SessionDeps {
  readonly sessions: Sessions
  readonly terminals: Terminals
  readonly runChannel: RunChannel
}

/** Terminals are told from shell sessions by what is asked and by their handles; they are there in both execution modes. */
export async function sessionAction(
  call: Call,
  action: SessionAction,
  target: HostTarget,
  { sessions, terminals, runChannel }: SessionDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { host } = action
  const owner = principalKey(call.principal)
  const keepsState = target.host.executionMode === 'shell'
  switch (action.kind) {
    case 'get_working_directory':
      if (keepsState) return directoryInShellMode(owner, target, action.session, sessions, signal)
      if (action.session !== undefined) return noSessions(host)
      return directoryInExecMode(owner, target, DIRECTORY_TIMEOUT_MS, runChannel, signal)
    case 'open_session': {
      if (action.terminal !== undefined) {
        const opened = await terminals.open(call, target, action.terminal, signal)
        return 'kind' in opened ? opened : { kind: 'terminal_opened', reading: opened }
      }
      return keepsState ? openInShellMode(owner, target, action.name, sessions, signal) : noSessions(host)
    }
    case 'use_terminal': {
      const used = await terminals.use(owner, action, signal)
      return 'kind' in used ? used : { kind: 'terminal_used', reading: used }
    }
    case 'close_session': {
      if (action.session !== undefined && isTerminalHandle(action.session)) {
        const closed = terminals.close(owner, host, action.session)
        return typeof closed === 'boolean' ? { kind: 'session_closed', host, closed } : closed
      }
      return keepsState ? closeInShellMode(owner, host, action.session, sessions) : noSessions(host)
    }
  }
}

export function noSessions(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'session_mode',
    message: `${host} runs each command alone (execution_mode: exec) and keeps no sessions. Run the command without one.`,
  }
}
