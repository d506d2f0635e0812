import type { Sudo } from '../../domain/host.ts'
import { randomHex } from '../../lib/ids.ts'
import type { Connection } from '../transport/transport.ts'
import { rootLine } from './sudo-line.ts'
import { startAsRoot } from './sudo-start.ts'

/** A script of ours prints little; more than this is somebody else's. */
const LONGEST_ANSWER = 64 * 1024

/** What a script of ours printed, when the host ran it to its end. */
export type ScriptAnswer =
  | { readonly kind: 'answered'; readonly stdout: string }
  | { readonly kind: 'no_channel' }
  | { readonly kind: 'failed' }

/**
 * Runs a POSIX shell script of ours on the host, outside of the pool's count of channels. It travels by standard input, so it is in
 * no process list and needs no quoting for whatever login shell there is. Aborting `signal` stops waiting. With `sudo` it runs as root;
 * where sudo refuses, the answer is `failed`.
 */
export function runScript(
  connection: Connection,
  script: string,
  signal: AbortSignal,
  sudo?: Sudo,
  onFirstWords: () => void = () => {},
): Promise<ScriptAnswer> {
  const marks = { prompt: randomHex(), ready: randomHex() }
  const line = sudo === undefined ? 'exec /bin/sh' : rootLine(sudo, marks, '/bin/sh')
  return new Promise((resolve) => {
    let isRoot = sudo === undefined
    const parts: Buffer[] = []
    let bytes = 0
    let close = () => {}
    let forget = () => {}
    const done = (answer: ScriptAnswer) => {
      signal.removeEventListener('abort', giveUp)
      forget()
      close()
      resolve(answer)
    }
    const giveUp = () => done({ kind: 'failed' })
    // Told at once when it is lost already.
    forget = connection.onLost(giveUp)
    if (signal.aborted || !connection.isAlive) {
      giveUp()
      return
    }
    signal.addEventListener('abort', giveUp, { once: true })
    connection
      .open({ kind: 'exec', line }, (channel) => {
        close = () => channel.close()
        // Whoever stopped waiting while the channel was being opened leaves nothing open.
        if (signal.aborted) {
          close()
          return
        }
        channel.on('error', giveUp)
        channel.on('data', (chunk: Buffer) => {
          if (bytes === 0) onFirstWords()
          bytes += chunk.length
          if (bytes <= LONGEST_ANSWER) parts.push(chunk)
        })
        channel.on('close', () =>
          done(isRoot ? { kind: 'answered', stdout: Buffer.concat(parts).toString() } : { kind: 'failed' }),
        )
        if (sudo !== undefined)
          startAsRoot(channel, sudo, marks, () => {
            isRoot = true
            channel.end(script)
          })
        else {
          channel.stderr.resume()
          channel.end(script)
        }
      })
      .then((answer) => {
        if (answer.kind !== 'started') done({ kind: answer.kind === 'no_channel' ? 'no_channel' : 'failed' })
      })
  })
}
