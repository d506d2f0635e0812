import type { HostLink } from './host-link.ts'
import { type CommandStanding, commandOf } from './results.ts'

/** Each question is a call of its own at the bridge, so they have distance. */
const PAUSE_MS = 2_000
/** Under what clients give one call. */
const WAIT_SECONDS = 20
const PAGE_BYTES = 65_536

export interface Following {
  /** How it stands, and what it has printed since the last time. */
  news(standing: CommandStanding): void
  /** It cannot be followed any more; why. */
  failed(why: string): void
}

/**
 * Asks `get_command_output` for one page after the other until the command is over and everything was shown. What is asked is decided at
 * the bridge like any call of the same person; a view has no right of its own.
 */
export async function followCommand(
  commandId: string,
  host: HostLink,
  { news, failed }: Following,
  signal: AbortSignal,
): Promise<void> {
  let offset = 0
  while (!signal.aborted) {
    await untilSeen(signal)
    try {
      const result = await host.callTool('get_command_output', {
        command_id: commandId,
        offset,
        max_bytes: PAGE_BYTES,
        wait_seconds: offset === 0 ? 0 : WAIT_SECONDS,
      })
      if (signal.aborted) return
      const standing = result.isError === true ? undefined : commandOf(result.structuredContent ?? {})
      if (standing === undefined)
        return failed(firstText(result.content) ?? 'The command is not known any more.')
      news(standing)
      offset = standing.nextOffset ?? offset
      if (!standing.hasMore && !isGoingOn(standing.state)) return
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error))
    }
    await pause(PAUSE_MS)
  }
}

export function isGoingOn(state: string): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting_approval'
}

export function firstText(
  content: readonly { readonly type: string; readonly text?: string }[] | undefined,
): string | undefined {
  return content?.find(({ type }) => type === 'text')?.text
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Nobody is asked for what nobody looks at. */
function untilSeen(signal: AbortSignal): Promise<void> {
  if (!document.hidden || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look, { once: true })
  })
}
