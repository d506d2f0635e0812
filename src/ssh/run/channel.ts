import type { HostName, Sudo } from '../../domain/host.ts'
import type { NotStarted, RunEnd } from '../../domain/outcome.ts'

/** What one exec channel is asked to do. */
export interface ChannelRequest {
  /** Handed to the login shell as it is. Its first act must be to print `<nonce> <pid>\n` on stderr (see `announce`). */
  readonly line: string
  /** Variables that the host is asked to set. */
  readonly environment?: Readonly<Record<string, string>>
  /** Written to the command's standard input, which is then closed. Empty: closed at once. */
  readonly stdin: Buffer
  /** `stdin` holds secrets: it is written once the line has announced itself, and to nothing that did not. */
  readonly isConfidential?: boolean
  /** 32 hex characters the command cannot know beforehand. The announcement is taken out of stderr. */
  readonly nonce: string
  readonly timeoutMs: number
  readonly onStdout: (chunk: Buffer) => void
  readonly onStderr: (chunk: Buffer) => void
  /** Asked after each piece of output: a promise stops the reading until it resolves. */
  readonly pressure?: () => Promise<void> | undefined
  /** The host has begun to run the line. */
  readonly onStarted?: () => void
  /** Asked once the exit status is known: true ends the wait for output that background jobs may hold open. */
  readonly isComplete?: () => boolean
  /** The host has no POSIX shell: the line announces nothing, and what it starts cannot be ended. */
  readonly isPlain?: boolean
  /** The channel is let go of. Tells whether the line had announced itself. */
  readonly onReleased?: (wasAnnounced: boolean) => void
  /** A directory on the host that is removed when the command has to be ended by force. */
  readonly scratchDirectory?: string
  /** The line starts sudo, which may have a question first. `stdin` is empty then, or confidential. */
  readonly sudo?: SudoDialogue
}

/** In `detail`, when the host opened a channel and runs no commands on it. */
export const EXEC_REFUSED = 'exec request refused'

/** What is said between the bridge and sudo until the command begins. */
export interface SudoDialogue {
  readonly sudo: Sudo
  /** How sudo asks for the password. */
  readonly prompt: string
  /** Takes what came on stderr before the announcement, in one piece: sudo's own words. */
  readonly onPreamble: (said: Buffer) => void
  /** The announcement has come: the command runs. */
  readonly onBegun: () => void
}

export type ChannelResult =
  | { readonly kind: 'ended'; readonly end: RunEnd; readonly hostKey: string; readonly durationMs: number }
  | NotStarted

/** Runs one command over a pooled connection of `owner` (a `principalKey`) to `host`. Aborting `signal` ends the remote process group. */
export type RunChannel = (
  owner: string,
  host: HostName,
  request: ChannelRequest,
  signal: AbortSignal,
) => Promise<ChannelResult>

/**
 * In the environment of a command: holds its nonce. By it the processes are found that left the process group and session and whose
 * parents are gone. Like every `SSH_*` variable it is no part of a session's state.
 */
export const COMMAND_VARIABLE = 'SSH_MCP_COMMAND'

/** The first words of every line: the process id is the id of the process group that a time-out ends. */
export function announce(nonce: string): string {
  return `printf '%s %s\\n' ${nonce} $$ >&2; export ${COMMAND_VARIABLE}=${nonce}`
}
