import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'
import { openChannel } from '../pool/open-channel.ts'
import type { Pool } from '../pool/pool.ts'
import type { Channel } from '../transport/transport.ts'
import { END, factsScript } from './facts-script.ts'
import { type Parts, splitParts } from './parts.ts'

/** The script takes three seconds at most; the rest is for the way there and a host under load. */
const DEADLINE_MS = 10_000
/** Thousands of sockets fit; more is somebody else's text. */
const LONGEST_ANSWER = 256 * 1024

/** Asks a host for its facts, in one round trip on one channel. What came until the deadline counts. */
export async function askHost(
  owner: string,
  host: HostName,
  pool: Pool,
  clock: Clock,
): Promise<Parts | NotStarted> {
  const nonce = randomHex()
  const answer = new Answer(nonce)
  const over = new AbortController()
  const settled = new AbortController()
  clock.sleep(DEADLINE_MS, settled.signal).then(
    () => over.abort(),
    () => undefined,
  )
  const line = 'exec /bin/sh'
  const listen = (channel: Channel) => {
    channel.on('error', () => answer.finish())
    channel.on('data', (chunk: Buffer) => answer.push(chunk))
    channel.on('close', () => answer.finish())
    channel.stderr.resume()
    channel.end(factsScript(nonce))
  }
  try {
    const opened = await openChannel(
      pool,
      clock,
      { owner, host },
      { kind: 'exec', line },
      over.signal,
      listen,
    )
    if ('kind' in opened) return opened
    const forget = opened.connection.onLost(() => answer.finish())
    over.signal.addEventListener('abort', () => answer.finish(), { once: true })
    if (over.signal.aborted) answer.finish()
    await answer.whole
    forget()
    opened.release()
    const parts = splitParts(answer.text, nonce)
    return parts.lines.size > 0 ? parts : silent(host, answer.text)
  } finally {
    settled.abort('settled')
  }
}

/** What the host printed so far; over with the last part, also when something on the host holds the channel open. */
class Answer {
  readonly whole: Promise<void>
  readonly #end: string
  #finish: () => void = () => {}
  #chunks: Buffer[] = []
  #bytes = 0
  #isOver = false

  constructor(nonce: string) {
    this.#end = `${nonce} ${END}\n`
    this.whole = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  push(chunk: Buffer): void {
    if (this.#isOver) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const last = Buffer.concat(this.#chunks.slice(-2)).toString('latin1')
    if (this.#bytes > LONGEST_ANSWER || last.endsWith(this.#end)) this.finish()
  }

  finish(): void {
    this.#isOver = true
    this.#finish()
  }
}

function silent(host: HostName, said: string): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host} did not run a script of ours with /bin/sh, so it cannot be described. Ask it with execute_command.`,
    detail: `it printed ${JSON.stringify(said.slice(0, 500))}`,
  }
}
