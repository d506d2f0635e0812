import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { RunEnd } from '../../src/domain/outcome.ts'
import type { ChannelRequest, ChannelResult, RunChannel } from '../../src/ssh/run/channel.ts'

/** A channel without SSH: the login shell runs on this machine as sshd would start it, in a process group of its own. */
export function localChannel(
  shell: string,
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): RunChannel {
  return (_owner, _host, request, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(shell, ['-c', request.line], {
        argv0: shell.split('/').at(-1) ?? shell,
        detached: true,
        cwd: options.cwd ?? '/tmp',
        env: {
          HOME: '/tmp',
          PATH: '/usr/local/bin:/usr/bin:/bin',
          LANG: 'C.UTF-8',
          ...options.env,
          SHELL: shell,
        },
      })
      let ended: RunEnd | undefined
      const end = (how: 'timed_out' | 'cancelled') => {
        const remote = { state: 'stopped', processGroup: child.pid ?? 0, by: 'KILL' } as const
        ended = how === 'timed_out' ? { how, afterMs: request.timeoutMs, remote } : { how, remote }
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
        if (request.scratchDirectory !== undefined)
          rmSync(request.scratchDirectory, { recursive: true, force: true })
      }
      const timer = setTimeout(() => end('timed_out'), request.timeoutMs)
      const abort = () => end('cancelled')
      signal.addEventListener('abort', abort, { once: true })
      const done = (result: ChannelResult) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        child.stdout.destroy()
        child.stderr.destroy()
        resolve(result)
      }
      child.once('error', reject)
      child.stdin.on('error', () => {})
      child.stdin.end(request.stdin)
      child.stdout.on('data', (chunk: Buffer) => {
        request.onStdout(chunk)
        finishWhenComplete()
      })
      const strip = withoutAnnouncement(request)
      child.stderr.on('data', (chunk: Buffer) => {
        strip(chunk)
        finishWhenComplete()
      })
      let exit: RunEnd | undefined
      const finishWhenComplete = () => {
        if (exit && request.isComplete?.())
          done({ kind: 'ended', end: ended ?? exit, hostKey: 'SHA256:local', durationMs: 1 })
      }
      child.once('exit', (code, name) => {
        exit = name === null ? { how: 'exited', code: code ?? 0 } : { how: 'killed', signal: name.slice(3) }
        if (ended) done({ kind: 'ended', end: ended, hostKey: 'SHA256:local', durationMs: 1 })
        finishWhenComplete()
      })
      child.once('close', () => {
        if (exit) done({ kind: 'ended', end: ended ?? exit, hostKey: 'SHA256:local', durationMs: 1 })
      })
    })
}

function withoutAnnouncement(request: ChannelRequest): (chunk: Buffer) => void {
  let held: Buffer | undefined = Buffer.alloc(0)
  return (chunk) => {
    if (held === undefined) return request.onStderr(chunk)
    held = Buffer.concat([held, chunk])
    const at = held.indexOf(request.nonce)
    const newline = at < 0 ? -1 : held.indexOf('\n', at)
    if (newline < 0) return
    const rest = Buffer.concat([held.subarray(0, at), held.subarray(newline + 1)])
    held = undefined
    if (rest.length > 0) request.onStderr(rest)
  }
}
