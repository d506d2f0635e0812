import type { Config } from '../config/config.ts'
import { type EditedRules, loadEditedRules } from '../config/load-edited-rules.ts'
import type { ReplayRulesAction, ReplayRulesAnswer } from '../domain/replay.ts'
import type { Clock } from '../lib/clock.ts'
import type { Replays } from '../pipeline/bridge.ts'
import { readDecisionPage } from '../store/audit-reader.ts'
import type { Database } from '../store/sql/database.ts'
import { replayUnder } from './replay-past.ts'

/** Of one portion: so many calls, or so long, whichever comes first. A page is decided in one go, so it is small. */
const MOST_CALLS = 10_000
const LONGEST_MS = 2_000
const PAGE = 250
/** Different things that were asked, told for each difference. */
const SAMPLES = 3

interface ReplayParts {
  readonly config: () => Config
  readonly database: Database
  readonly clock: Clock
}

/** Past calls under edited rules, one portion at a time for everybody: other calls go on between the pages. */
export function openReplays({ config, database, clock }: ReplayParts): Replays {
  let last: { readonly text: string; readonly under: Config; readonly rules: EditedRules } | undefined
  let turn: Promise<unknown> = Promise.resolve()

  async function rulesOf(text: string, under: Config, file: string): Promise<EditedRules> {
    if (last?.text !== text || last.under !== under)
      last = { text, under, rules: await loadEditedRules(text, file, process.env) }
    return last.rules
  }

  async function portion(
    { text, since, after }: ReplayRulesAction,
    signal: AbortSignal,
  ): Promise<ReplayRulesAnswer> {
    const under = config()
    if (under.file === undefined)
      return { kind: 'rules_refused', problems: ['there is no configuration in a file'] }
    const loaded = await rulesOf(text, under, under.file)
    if (!loaded.ok) return { kind: 'rules_refused', problems: loaded.problems }
    const { hosts, rules } = loaded.config
    const replay = replayUnder({ hosts, rules }, SAMPLES)
    const endsMs = clock.monotonicMs() + LONGEST_MS
    let [next, calls, unreadable]: [number | undefined, number, number] = [after, 0, 0]
    let reachedAt: Date | undefined
    do {
      const asked = { from: since.getTime(), to: Number.MAX_SAFE_INTEGER, after: next, limit: PAGE }
      const page = await readDecisionPage(database, asked)
      for (const past of page.decisions) replay.add(past)
      calls += page.decisions.length
      unreadable += page.unreadable.length
      reachedAt = page.decisions.at(-1)?.at ?? reachedAt
      next = page.next
    } while (next !== undefined && calls < MOST_CALLS && clock.monotonicMs() < endsMs && !signal.aborted)
    return {
      kind: 'rules_replayed',
      report: replay.report(),
      unreadable,
      ...(next !== undefined && { next }),
      ...(reachedAt !== undefined && { reachedAt }),
    }
  }

  return {
    replay(action, signal) {
      const done = turn.then(() => portion(action, signal))
      turn = done.catch(() => undefined)
      return done
    },
  }
}
