import type { Question } from '../../app/ask-rules.ts'
import type { Config } from '../../config/config.ts'
import type { Decision } from '../../domain/decision.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Checked } from '../../pipeline/explain/explain-call.ts'
import { decide } from '../../policy/decide.ts'
import { UsageError } from '../command.ts'
import { instantOf } from './period.ts'

/** A question in the words of the command line, and of a file of cases. */
export interface Written extends Omit<Question, 'person' | 'claimsFile' | 'groups' | 'at'> {
  readonly as?: string
  readonly claims?: string
  readonly groups?: readonly string[]
  readonly at?: string
}

/** What the rules say to it, for those who write them. @throws UsageError when it names somebody or something that is not there. */
export async function askRules(config: Config, written: Written): Promise<Checked> {
  const { askRules: ask } = await import('../../app/ask-rules.ts')
  return inWords(() => ask(config, questionOf(written), true))
}

/** The decision alone. @throws UsageError, as above. */
export async function decideOn(config: Config, written: Written): Promise<Decision> {
  const { askedCall } = await import('../../app/ask-rules.ts')
  return inWords(() => {
    const { call, context } = askedCall(config, questionOf(written))
    return decide(call, context)
  })
}

function questionOf({ as: person, claims: claimsFile, groups = [], at, ...same }: Written): Question {
  return {
    ...same,
    groups,
    at: at === undefined ? systemClock.now() : instantOf('--at', at, systemClock),
    ...(person !== undefined && { person }),
    ...(claimsFile !== undefined && { claimsFile }),
  }
}

function inWords<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}
