import type { HostName } from '../../domain/host.ts'
import type { Clock } from '../../lib/clock.ts'
import { openChannel } from '../pool/open-channel.ts'
import type { Pool } from '../pool/pool.ts'
import type { Channel } from '../transport/transport.ts'
import type { KnownPlatform } from './software.ts'

/**
 * Harmless to all of them. cmd replaces `%OS%`, PowerShell replaces `$PSHOME`, a POSIX shell leaves the first as it is and has no such
 * variable; on the command line of a device there is no echo, or one that repeats the words.
 */
export const QUESTION = 'echo %OS% $PSHOME'

const ANSWER_MS = 10_000
const LONGEST_ANSWER = 8_192

/** Asks the host what it is: one line over one channel. Undefined when the answer says nothing, or none came. */
export async function detectPlatform(
  pool: Pool,
  clock: Clock,
  where: { readonly owner: string; readonly host: HostName },
  signal: AbortSignal,
): Promise<KnownPlatform | undefined> {
  const done = new AbortController()
  const limit = new AbortController()
  clock.sleep(ANSWER_MS, done.signal).then(
    () => limit.abort(),
    () => undefined,
  )
  const over = AbortSignal.any([signal, limit.signal])
  let answer: Promise<string> = Promise.resolve('')
  try {
    const opened = await openChannel(
      pool,
      clock,
      where,
      { kind: 'exec', line: QUESTION },
      over,
      (channel) => {
        answer = allOf(channel, over)
      },
    )
    if (!('channel' in opened)) return undefined
    const text = await answer
    opened.release()
    return platformOfAnswer(text)
  } finally {
    done.abort('done')
  }
}

/** What the answer tells, if anything. */
export function platformOfAnswer(text: string): KnownPlatform | undefined {
  const said = text.replace(/\s+/g, ' ').trim()
  if (/\bWindows_NT\b/.test(said)) return 'windows'
  // A login banner may come first; a device that repeats the line gives back our own dollar sign.
  const [, home] = /(?:^|\s)%OS%(?: (\S.*))?$/.exec(said) ?? []
  if (home === undefined && /(?:^|\s)%OS%$/.test(said)) return 'posix'
  if (home !== undefined && /^([A-Za-z]:\\|\/)/.test(home)) return 'windows'
  return DEVICE.test(said) ? 'network' : undefined
}

/** How devices say that they do not know a command. Without such words nothing is concluded: a shell may have failed to start. */
const DEVICE =
  /%\s*(invalid|unknown|incomplete|ambiguous|unrecogni[sz]ed|bad)\b|\b(invalid|unknown|unrecogni[sz]ed|bad|illegal)\s+(input|command|action|syntax)\b|\bsyntax error\b|\$PSHOME/i

function allOf(channel: Channel, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let bytes = 0
    const finish = () => resolve(Buffer.concat(parts).toString('latin1'))
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= LONGEST_ANSWER) parts.push(chunk)
    }
    channel.on('data', take)
    channel.stderr.on('data', take)
    channel.on('error', finish)
    channel.once('close', finish)
    signal.addEventListener('abort', finish, { once: true })
    channel.end()
  })
}
