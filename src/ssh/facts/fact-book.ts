import type { HostFacts } from '../../domain/facts.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted, Outcome } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Pool } from '../pool/pool.ts'
import { askHost } from './ask-host.ts'
import { readFacts } from './read-facts.ts'

/** How long an answer stands for the next one who asks. */
const FRESH_MS = 60_000
/** Answers kept at once; the oldest goes first. */
const MOST_ANSWERS = 2_000

interface Page {
  readonly host: HostName
  /** The way there when it was asked. Holds credentials: only ever compared. */
  readonly way: string
  readonly facts: Promise<HostFacts | NotStarted>
  /** Absent while the question is under way. */
  answeredMs?: number
  told?: HostFacts
}

/**
 * What hosts say of themselves, remembered for a minute for each owner apart. Who asks while the question is under way shares it; a way
 * there that changed, and a failure, are asked anew.
 */
export class FactBook {
  readonly #pool: Pool
  readonly #clock: Clock
  readonly #pages = new Map<string, Page>()

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool
    this.#clock = clock
  }

  /** Aborting `signal` stops waiting; the question goes on for whoever else waits, and is over within ten seconds. */
  async describe(
    owner: string,
    { host, refresh }: { readonly host: HostName; readonly refresh: boolean },
    target: HostTarget,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (target.platform === 'windows' || target.platform === 'network') return notPosix(host)
    const key = `${owner}\n${host}`
    const way = wayTo(target)
    const known = this.#pages.get(key)
    const isFresh =
      known?.way === way &&
      (known.answeredMs === undefined ||
        (!refresh && this.#clock.monotonicMs() - known.answeredMs < FRESH_MS))
    const page = known !== undefined && isFresh ? known : this.#ask(key, owner, host, way)
    const fromCache = page.answeredMs !== undefined
    const answer = await unlessAborted(page.facts, signal)
    if (answer === undefined) return gaveUp(host)
    return 'kind' in answer ? answer : { kind: 'facts', facts: { ...answer, fromCache } }
  }

  /** The latest that anybody was told of the host, however old; undefined when nobody was. */
  latest(host: HostName): HostFacts | undefined {
    const told = [...this.#pages.values()].flatMap((page) =>
      page.host === host && page.told ? [page.told] : [],
    )
    return told.toSorted((a, b) => b.collectedAt.getTime() - a.collectedAt.getTime())[0]
  }

  /** A new configuration: what was learned over a way that may have changed is not told any more. */
  forget(): void {
    this.#pages.clear()
  }

  #ask(key: string, owner: string, host: HostName, way: string): Page {
    const facts = this.#question(owner, host).then((answer) => {
      page.answeredMs = this.#clock.monotonicMs()
      if (!('kind' in answer)) page.told = answer
      else if (this.#pages.get(key) === page) this.#pages.delete(key)
      return answer
    })
    const page: Page = { host, way, facts }
    this.#pages.delete(key)
    this.#pages.set(key, page)
    const [oldest] = this.#pages.keys()
    if (this.#pages.size > MOST_ANSWERS && oldest !== undefined) this.#pages.delete(oldest)
    return page
  }

  async #question(owner: string, host: HostName): Promise<HostFacts | NotStarted> {
    const parts = await askHost(owner, host, this.#pool, this.#clock)
    if ('kind' in parts) return parts
    const about = { host, collectedAt: this.#clock.now(), fromCache: false, platform: 'posix' } as const
    return { ...about, ...readFacts(parts) }
  }
}

function wayTo({ address, port, username, credential, hostKeys, jump, proxyCommand }: HostTarget): string {
  return JSON.stringify([address, port, username, credential, hostKeys, jump, proxyCommand])
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined)
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

function notPosix(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host} has no POSIX shell, so it cannot be described. Ask it with execute_command.`,
  }
}

function gaveUp(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} had not answered when the call was cancelled. Nothing was changed.`,
  }
}
