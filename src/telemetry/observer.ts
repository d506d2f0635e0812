import type { Answer, RunAnswer } from '../domain/answer.ts'
import { type Call, hostOf } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import { principalName } from '../domain/principal.ts'
import type { Observer } from '../pipeline/bridge.ts'

/** The original's human line for each command that reached its host; and a line when something was refused or failed. */
export function logObserver(log: Log): Observer {
  return {
    finished(call, answer, durationMs) {
      const facts = { call: call.id, duration_ms: Math.round(durationMs) }
      const who = principalName(call.principal)
      const what = `${who}: ${call.action.kind}${on(call)}`
      if (answer.kind === 'denied') log.warn(`Refused ${what}: ${answer.reason.code}`, facts)
      else if (answer.kind === 'failed')
        log.warn(`Failed ${what}: ${answer.message}`, { ...facts, code: answer.code })
      else if (answer.kind === 'ran')
        log.info(`User: ${who} ${did(answer)} on ${answer.host}: ${answer.command}`)
      log.debug(`Answered ${what}: ${ended(answer)}`, facts)
    },
  }
}

/** Tells each of `all`, in order; the list may grow while the bridge runs. */
export function observers(all: readonly Observer[]): Observer {
  return {
    finished: (call, answer, durationMs) => {
      for (const observer of all) observer.finished(call, answer, durationMs)
    },
    stage: (call, stage, startedMs, endedMs) => {
      for (const observer of all) observer.stage?.(call, stage, startedMs, endedMs)
    },
  }
}

function did({ end }: RunAnswer): string {
  return 'remote' in end && end.remote.state === 'not_begun' ? 'called off, before it began,' : 'executed'
}

function on(call: Call): string {
  const host = hostOf(call.action)
  return host ? ` on ${host}` : ''
}

function ended(answer: Answer): string {
  if (answer.kind !== 'ran') return answer.kind
  return answer.end.how === 'exited' ? `exit ${answer.end.code}` : answer.end.how
}

/** One word for how a call was answered. */
export function resultLabel(answer: Answer): string {
  if (answer.kind === 'denied') return answer.reason.code
  if (answer.kind === 'failed') return answer.code
  if (answer.kind !== 'ran') return 'completed'
  return answer.end.how === 'exited' && answer.end.code !== 0 ? 'failed' : answer.end.how
}
