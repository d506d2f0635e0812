import type { AnyAuthMethod, Client } from 'ssh2'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { fingerprintOf } from './host-key.ts'
import { keepAlive } from './keepalive.ts'
import { algorithmsFor } from './ssh2-algorithms.ts'
import { authHandler, authMethods, type KeyboardQuestions } from './ssh2-authentication.ts'
import { Ssh2Connection } from './ssh2-connection.ts'
import { gatherGreeting } from './ssh2-greeting.ts'
import { guardMemory } from './ssh2-guards.ts'
import { internalsOf } from './ssh2-internals.ts'
import { signInQuickly } from './ssh2-quick-sign-in.ts'
import type { Connection, Refused, Transport, Way, Wire } from './transport.ts'
import { isAuthFailure, unreachable, whyNot } from './unreachable.ts'

/** A question of the host stands in the operator's log; what a hostile one would fill it with does not. */
const LONGEST_QUESTION = 200

const CODE_WAS_USED = 'its one-time code was used a moment ago, and no new one came in time'

/** SSH in this process, by ssh2. */
export const ssh2Transport: Transport = {
  async connect(way, signal) {
    const over = new AbortController()
    const questions: KeyboardQuestions = { unanswered: undefined, isWaiting: false, fail: () => {} }
    const stop = AbortSignal.any([signal, over.signal])
    const methods = await authMethods(way.target, way.codes, questions, stop)
    if ('kind' in methods) return { notStarted: methods }
    const wire = await way.wire.open(signal)
    if ('kind' in wire) return { notStarted: wire }
    const result = await handshake(way, wire, methods, questions, signal)
    over.abort('over')
    if ('notStarted' in result) wire.close()
    else void keepAlive(result, way.keepaliveMs, way.clock)
    return result
  },
}

async function handshake(
  { target, keyTypes, check, clock }: Way,
  wire: Wire,
  methods: readonly AnyAuthMethod[],
  questions: KeyboardQuestions,
  signal: AbortSignal,
): Promise<Connection | Refused> {
  const { Client } = (await import('ssh2')).default
  const client: Client = new Client()
  return new Promise((resolve) => {
    let shown: Buffer | undefined
    let refused: NotStarted | undefined
    let isSettled = false
    let connection: Connection | undefined
    const fail = (error: Error) => {
      if (isSettled) return
      isSettled = true
      signal.removeEventListener('abort', giveUp)
      const isBusy = internalsOf(client)._remoteVer === undefined && !signal.aborted && isClosed(error)
      client.destroy()
      if (refused && shown) return resolve({ notStarted: refused, shownKey: shown })
      resolve({ notStarted: reasonOf(target, error, questions, isBusy), isBusy })
    }
    const giveUp = () => fail(new Error(questions.isWaiting ? CODE_WAS_USED : 'it did not answer in time'))
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    questions.fail = fail
    // An agent that is gone is one method less: when it was the last, ssh2 says so next.
    client.on('error', (error: Error & { level?: string }) => error.level !== 'agent' && fail(error))
    client.on('close', () => fail(new Error('the connection was closed')))
    client.once('ready', () => {
      if (isSettled) return
      isSettled = true
      signal.removeEventListener('abort', giveUp)
      const hostKey = fingerprintOf(shown ?? Buffer.alloc(0))
      connection = new Ssh2Connection({ host: target.host.name, hostKey }, client, wire, clock)
      resolve(connection)
    })
    client.connect({
      sock: wire.stream,
      username: target.username,
      algorithms: algorithmsFor(keyTypes, target.algorithms),
      authHandler: authHandler(methods),
      // Our own clock bounds it, and asks silent hosts whether they live.
      readyTimeout: 0,
      keepaliveInterval: 0,
      hostVerifier: (key: Buffer) => {
        // A later key exchange shows a key again: it has to be the same.
        if (shown !== undefined) return key.equals(shown)
        shown = key
        refused = check(key)
        return refused === undefined
      },
    })
    gatherGreeting(client)
    signInQuickly(client, target)
    guardMemory(client, wire.stream, () => {
      if (connection === undefined) fail(new Error('it sent more than it may'))
      else connection.close()
    })
  })
}

function isClosed(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || /^Connection lost before handshake|was closed$/.test(error.message)
}

function reasonOf(
  target: HostTarget,
  error: Error & { level?: string },
  { unanswered }: KeyboardQuestions,
  isBusy: boolean,
): NotStarted {
  if (isBusy) return unreachable(target, 'it closed the connection before it said anything', error.message)
  if (!isAuthFailure(error)) return unreachable(target, whyNot(error), error.message)
  const where = `${target.username} at ${target.address} port ${target.port}`
  const asked =
    unanswered === undefined
      ? error.message
      : `it asked ${JSON.stringify(unanswered.slice(0, LONGEST_QUESTION))}, for which no answer is configured or left`
  return {
    kind: 'not_started',
    code: 'host_auth_failed',
    message: `${target.host.name} refused the credential that is configured for it. The operator has to mend this; nothing was run.`,
    detail: `${where}: ${asked}`,
  }
}
