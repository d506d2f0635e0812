import type { ConsoleEyes, FeedTopic, LiveCall, LiveTerminal, Who } from '../console/console-eyes.ts'
import type { Action, Edge } from '../domain/call.ts'
import type { Principal } from '../domain/principal.ts'
import type { OwnedTerminal } from '../ssh/terminal/terminal-book.ts'
import { livingInstances } from '../store/known-instances.ts'
import { type OpenCall, openCalls, openSessions } from '../store/live-calls.ts'
import type { Topic } from '../store/sql/database.ts'
import type { OpenCore } from './core.ts'
import { hostsEyes } from './hosts-eyes.ts'
import { rulesEyes } from './rules-eyes.ts'

/** More than a page shows well. */
const MOST = 500

const TOPICS: Readonly<Record<Exclude<FeedTopic, 'configuration'>, readonly Topic[]>> = {
  calls: ['audit', 'commands'],
  approvals: ['approvals'],
  locks: ['locks'],
  sessions: ['sessions'],
  instances: ['instances'],
}

/** What of the database and the instances the console shows. */
export function consoleEyes(core: OpenCore): ConsoleEyes {
  const { database, clock } = core
  return {
    liveCalls: async () => (await openCalls(database, MOST)).map(liveCall),
    async liveSessions() {
      const usedAfter = new Date(clock.now().getTime() - core.config().session.idleTimeoutMs)
      const sessions = await openSessions(database, usedAfter, MOST)
      return sessions.map(({ owner, ...session }) => ({ ...session, who: ownerOf(owner) }))
    },
    liveTerminals: () => core.liveTerminals().map(liveTerminal),
    async instances() {
      const living = await livingInstances(database)
      const mine = living.find(({ id }) => id === core.instance())
      return living.map(({ config, ...instance }) => ({
        ...instance,
        isThis: instance.id === mine?.id,
        decidesAlike: config === mine?.config,
      }))
    },
    hosts: hostsEyes(core),
    rules: rulesEyes(core),
    listen: (topic, onChange, signal) => {
      if (topic === 'configuration') {
        const stop = core.bridge.hosts.whenReplaced?.(onChange)
        if (stop !== undefined) signal.addEventListener('abort', stop, { once: true })
        return
      }
      for (const one of TOPICS[topic]) database.listen(one, onChange, signal)
    },
  }
}

/** What its record says; see docs/AUDIT.md. */
function liveCall({ id, instance, startedAt, record }: OpenCall): LiveCall {
  const { principal, edge, action, host, command, command_id, path } = record as {
    principal?: { issuer: string; subject: string; email?: string; name?: string; client?: string }
    edge?: Edge
    action?: Action['kind']
    host?: string
    command?: string
    command_id?: string
    path?: string
  }
  const about = action === 'run' ? path : (path ?? command_id)
  return {
    ...{ id, instance, startedAt },
    who: principal === undefined ? NOBODY : whoIs(principal),
    action: action ?? 'run',
    ...(principal?.client !== undefined && { client: principal.client }),
    ...(edge !== undefined && { edge }),
    ...(host !== undefined && { host }),
    ...(command !== undefined && { command }),
    ...(about !== undefined && { about }),
  }
}

function liveTerminal({ id, call, createdAt, lastUsedAt, host }: OwnedTerminal): LiveTerminal {
  const { principal } = call
  return {
    ...{ id, host, createdAt, lastUsedAt },
    who: whoIs(principal),
    ...(principal.clientId !== undefined && { client: principal.clientId }),
  }
}

const NOBODY: Who = { issuer: '', subject: '', name: '' }

function whoIs({
  issuer,
  subject,
  email,
  name,
}: Pick<Principal, 'issuer' | 'subject' | 'email' | 'name'>): Who {
  return { issuer, subject, ...(email !== undefined && { email }), name: email ?? name ?? subject }
}

/** Of sessions the store has only the key that they are kept under. */
function ownerOf(key: string): Who {
  const [issuer = '', subject = ''] = JSON.parse(key) as readonly string[]
  return whoIs({ issuer, subject })
}
