import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { randomHex } from '../../lib/ids.ts'
import { sudoRefusal } from '../run/sudo-refusal.ts'
import { askHost, type Where } from './ask-host.ts'
import { type Asking, type RunPlan, startScript } from './start-script.ts'

/** A run of which it is not known whether it was begun is begun again for so long; later its name is only taken. */
const BEGIN_FOR_MS = 60_000
/** More than login shells print by themselves. */
const MOST_ANSWER_BYTES = 1024 * 1024
const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

export type Started =
  /** `wasRepeated`: an asking that got lost may still arrive. */
  | { readonly kind: 'begun'; readonly wasRepeated: boolean }
  /** It may have been begun: the host cannot tell any more. */
  | { readonly kind: 'unsure' }
  /** `signal` aborted. `maySent`: something may have reached the host. */
  | { readonly kind: 'aborted'; readonly maySent: boolean }
  | NotStarted

/**
 * Begins the run exactly once: as long as the host's answer does not arrive, it is asked again, and the directory that only one can make
 * says whether there is something to begin.
 */
export async function startRun(
  where: Where,
  plan: RunPlan,
  target: HostTarget,
  signal: AbortSignal,
): Promise<Started> {
  const { clock } = where
  let sentAtMs: number | undefined
  for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const ageMs = sentAtMs === undefined ? undefined : clock.monotonicMs() - sentAtMs
    const nowMs = clock.monotonicMs()
    const answer = await ask(where, plan, askingAt(ageMs), signal)
    if (signal.aborted && answer.kind !== 'said')
      return { kind: 'aborted', maySent: sentAtMs !== undefined || answer.kind === 'lost' }
    if (answer.kind === 'not_started' && sentAtMs === undefined) return answer
    if (answer.kind === 'lost') sentAtMs ??= nowMs
    if (answer.kind === 'said') {
      const started = readStarted(answer, target, sentAtMs !== undefined)
      if (started !== undefined) return started
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined)
  }
}

/** Takes the run's name, so that it cannot begin any more; `begun` when it was begun before. Undefined when the host did not say. */
export async function claimRun(
  where: Where,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<'claimed' | 'begun' | undefined> {
  const answer = await ask(where, plan, { kind: 'claim' }, signal)
  if (answer.kind !== 'said') return undefined
  return answer.words[0] === 'dropped' ? 'claimed' : answer.words[0] === 'present' ? 'begun' : undefined
}

function askingAt(ageMs: number | undefined): Asking {
  if (ageMs === undefined) return { kind: 'first' }
  return ageMs > BEGIN_FOR_MS ? { kind: 'claim' } : { kind: 'again', ageSeconds: Math.ceil(ageMs / 1000) }
}

interface Said {
  readonly kind: 'said'
  readonly words: readonly string[]
}

async function ask(
  where: Where,
  plan: RunPlan,
  asking: Asking,
  signal: AbortSignal,
): Promise<Said | { readonly kind: 'lost' } | NotStarted> {
  const nonce = randomHex()
  const lastWords = `\n${nonce} end\n`
  const text = startScript(plan, nonce, asking)
  const { attribution } = plan
  const script = { text, lastWords, mostBytes: MOST_ANSWER_BYTES, attribution }
  const answer = await askHost(where, script, signal)
  if (answer.kind !== 'answered') return answer
  const said = answer.said.toString()
  const from = said.indexOf(`\n${nonce} `) + nonce.length + 2
  return { kind: 'said', words: said.slice(from, -lastWords.length).split(' ') }
}

function readStarted({ words }: Said, target: HostTarget, wasRepeated: boolean): Started | undefined {
  const [word, ...rest] = words
  const host = target.host.name
  switch (word) {
    case 'started':
    case 'present':
      return { kind: 'begun', wasRepeated }
    case 'unsure':
      return { kind: 'unsure' }
    case 'dropped':
      return {
        kind: 'not_started',
        code: 'host_unreachable',
        message: `The connection to ${host} was lost before the command was begun there. Nothing was run, so it is safe to try again.`,
      }
    case 'sudo':
      return sudoRefusal(host, { kind: 'nopasswd' }, rest.slice(1).join(' '), Number(rest[0]))
    case 'refused':
      return refused(target, rest)
    default:
      return undefined
  }
}

function refused({ host }: HostTarget, [why, tool]: readonly string[]): NotStarted {
  const missing = tool === 'setsid' ? 'has neither setsid nor perl' : `has no ${tool}`
  return {
    kind: 'not_started',
    code: 'not_supported',
    message:
      why === 'no_tool'
        ? `${host} ${missing}, which a detached command needs. Run it without detached. Nothing was run.`
        : `${host} takes no directory for a detached command: neither the login's home nor /tmp has room and is writable. Nothing was run.`,
  }
}
