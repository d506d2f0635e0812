import type { Connection } from '../transport/transport.ts'

/** A script of ours prints little; more than this is somebody else's. */
const LONGEST_ANSWER = 64 * 1024

/** What a script of ours printed, when the host ran it to its end. */
export type ScriptAnswer =
  | { readonly kind: 'answered'; readonly stdout: string }
  | { readonly kind: 'no_channel' }
  | { readonly kind: 'failed' }

/**
 * Runs a POSIX shell script of ours on the host, outside of the pool's count of channels. It travels by standard input, so it is in
 * no process list and needs no quoting for whatever login shell there is. Aborting `signal` stops waiting.
 */
export function runScript(
  connection: Connection,
  script: string,
  signal: AbortSignal,
): Promise<ScriptAnswer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let bytes = 0
    let close = () => {}
    const done = (answer: ScriptAnswer) => {
      signal.removeEventListener('abort', giveUp)
      forget()
      close()
      resolve(answer)
    }
    const giveUp = () => done({ kind: 'failed' })
    const forget = connection.onLost(giveUp)
    if (signal.aborted || !connection.isAlive) {
      giveUp()
      return
    }
    signal.addEventListener('abort', giveUp, { once: true })
    connection
      .open({ kind: 'exec', line: 'exec /bin/sh' }, (channel) => {
        close = () => channel.close()
        // Whoever stopped waiting while the channel was being opened leaves nothing open.
        if (signal.aborted) {
          close()
          return
        }
        channel.on('error', giveUp)
        channel.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= LONGEST_ANSWER) parts.push(chunk)
        })
        channel.stderr.resume()
        channel.on('close', () => done({ kind: 'answered', stdout: Buffer.concat(parts).toString() }))
        channel.end(script)
      })
      .then((answer) => {
        if (answer.kind !== 'started') done({ kind: answer.kind === 'no_channel' ? 'no_channel' : 'failed' })
      })
  })
}
