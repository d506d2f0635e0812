import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { ServerChannel } from 'ssh2'

/** Signals that SSH can name (RFC 4254 §6.10). Others are told as the shell tells them: exit status 128 + number. */
const SSH_SIGNALS = /^SIG(ABRT|ALRM|FPE|HUP|ILL|INT|KILL|PIPE|QUIT|SEGV|TERM|USR1|USR2)$/

/** One command of an SSH channel, run by `/bin/sh -c` in a process group of its own, as sshd would. */
export interface EmbeddedCommand {
  /** Sends the whole process group a signal such as `TERM`; nothing happens once all of it is gone. */
  signal(name: string): void
}

/**
 * Starts `line` and ties its three streams and its end to the channel: the exit status is told when the shell ends, the channel is
 * closed when nobody holds the output any more (so a background job keeps it open, as with sshd). `onGone` is called once, then.
 */
export function startCommand(
  line: string,
  channel: ServerChannel,
  place: { readonly directory: string; readonly env: Readonly<Record<string, string>> },
  onGone: () => void,
): EmbeddedCommand {
  const { directory, env } = place
  // detached: setsid, so that the process id is the id of the group and of the session, and ending it spares the bridge.
  const child = spawn('/bin/sh', ['-c', line], { cwd: directory, env, detached: true, stdio: 'pipe' })

  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  // A command that does not read its input, or a client that went away, must not take the host down.
  for (const stream of [channel, channel.stderr, child.stdin, child.stdout, child.stderr]) {
    stream.on('error', () => undefined)
  }
  // The reader is gone: the command meets a closed pipe when it writes on.
  channel.on('close', () => {
    child.stdout.destroy()
    child.stderr.destroy()
  })

  let isGone = false
  child.on('exit', (code, signal) => tellEnd(channel, code, signal))
  child.on('error', () => channel.exit(126))
  child.on('close', () => {
    isGone = true
    channel.end()
    onGone()
  })
  return { signal: (name) => !isGone && signalGroup(child, name) }
}

function tellEnd(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) channel.exit(code ?? 255)
  else if (SSH_SIGNALS.test(signal)) channel.exit(signal.slice('SIG'.length))
  else channel.exit(128 + constants.signals[signal])
}

function signalGroup({ pid }: ChildProcess, name: string): void {
  const signal = `SIG${name.replace(/^SIG/, '')}`
  if (pid === undefined || !(signal in constants.signals)) return
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: the group has ended between the question and the signal.
  }
}
