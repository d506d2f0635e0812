import { isIP } from 'node:net'
import type { Config } from '../config/config.ts'
import type { Call } from '../domain/call.ts'
import { isHostName } from '../domain/host.ts'
import { askedAction } from '../pipeline/explain/asked-action.ts'
import { type Checked, explainCall } from '../pipeline/explain/explain-call.ts'
import type { DecisionContext } from '../policy/decide.ts'
import { Fleet } from './fleet.ts'
import { type Asker, whoAsks } from './who-asks.ts'

/** Who asks for what, when and from where. Nobody does: it is asked what the rules would say. */
export interface Question extends Asker {
  readonly host: string
  readonly action?: string
  readonly command?: string
  readonly path?: string
  readonly sudo?: boolean
  readonly at: Date
  readonly from?: string
  readonly tainted?: boolean
}

export interface AskedCall {
  readonly call: Call
  readonly context: DecisionContext
}

/** The question as the call that it is about. @throws TypeError when it names somebody or something that is not there. */
export function askedCall(config: Config, question: Question): AskedCall {
  const { host, command = '', action = 'run', path, sudo = false, from, at } = question
  if (from !== undefined && isIP(from) === 0)
    throw new TypeError(`from is no address: ${JSON.stringify(from)}`)
  const known = config.hosts.flatMap((target) => (target.isHop ? [] : [target.host.name]))
  if (!isHostName(host) || !known.includes(host))
    throw new TypeError(`no host is named ${JSON.stringify(host)}; there are: ${some(known)}`)
  const call: Call = {
    id: 'call_check',
    principal: whoAsks(question, config),
    action: askedAction(action, { host, command, path, sudo }),
    edge: 'cli',
    receivedAt: at,
    ...(from !== undefined && { remoteAddress: from }),
  }
  const { rules } = config
  const tainted = question.tainted ? { tainted: 'as you say' } : {}
  return { call, context: { hosts: new Fleet(config.hosts), now: at, ...(rules && { rules }), ...tainted } }
}

const MOST_NAMES = 20

function some(names: readonly string[]): string {
  const others = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} others` : ''
  return `${names.slice(0, MOST_NAMES).join(', ') || 'none'}${others}`
}

/** What the rules say to it. @throws as `askedCall`. */
export function askRules(config: Config, question: Question, forWriters: boolean): Checked {
  const { call, context } = askedCall(config, question)
  return explainCall(call, context, { host: question.host, forWriters })
}
