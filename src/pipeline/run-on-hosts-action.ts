import type { RunOnHostsAction } from '../domain/fan-out.ts'

/** One command on many hosts as every edge asks for it. */
export interface RunOnHostsInput {
  readonly hosts: readonly string[]
  readonly command: string
  readonly working_directory?: string
  readonly sudo?: boolean
  readonly timeout_seconds?: number
  readonly deadline_seconds?: number
  readonly max_parallel?: number
  readonly batch_size?: number
  readonly canary?: number
  readonly stop_after_failures?: number
}

/** The action that the input means. Without a deadline, the hosts together have as much time as each. */
export function runOnHostsAction(
  input: RunOnHostsInput,
  { timeoutMs: defaultMs }: { readonly timeoutMs: number },
): RunOnHostsAction {
  const {
    hosts,
    command,
    working_directory,
    sudo,
    max_parallel,
    batch_size,
    canary = 0,
    stop_after_failures,
  } = input
  const { timeout_seconds, deadline_seconds } = input
  const timeoutMs = timeout_seconds === undefined ? defaultMs : Math.ceil(timeout_seconds * 1000)
  return {
    kind: 'run_on_hosts',
    hosts,
    command,
    ...(working_directory !== undefined && { workingDirectory: working_directory }),
    ...(sudo === true && { sudo }),
    timeoutMs,
    deadlineMs:
      deadline_seconds === undefined ? Math.max(timeoutMs, defaultMs) : Math.ceil(deadline_seconds * 1000),
    ...(max_parallel !== undefined && { maxParallel: max_parallel }),
    ...(batch_size !== undefined && { batchSize: batch_size }),
    ...(stop_after_failures !== undefined && { stopAfterFailures: stop_after_failures }),
    canary,
  }
}
