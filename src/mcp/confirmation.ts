import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { WaitingAnswer } from '../domain/answer.ts'
import type { Action } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'
import { principalKey } from '../domain/principal.ts'
import { randomToken } from '../lib/ids.ts'
import { actionText, exactText } from '../pipeline/approvals/exact-text.ts'
import { askedDigest } from '../pipeline/approvals/request-digest.ts'
import type { Redactor } from '../pipeline/redaction/redactor.ts'
import { callerIn } from './caller.ts'

/** What comes back with the client's answer: which request it is about, and what the tool was asked then. */
interface ConfirmState {
  readonly command: CommandId
  readonly asked: string
}

const Confirmed = z.object({ confirm: z.boolean().describe('Run exactly this') })

/**
 * Signed, short-lived and bound to the principal: it comes back from the client. That it is used once is the request's own affair, which
 * waits only once. The key lives as long as the process: what waits over a restart is confirmed by asking again.
 */
export const confirmationState = createRequestStateCodec<ConfirmState>({
  key: randomToken(),
  ttlSeconds: 600,
  bind: (ctx) => {
    const caller = callerIn(ctx.http?.authInfo)
    return caller === undefined ? 'stdio' : principalKey(caller.principal)
  },
})

/** Asks the caller's own client, where the rule takes its word and the client can be asked; undefined otherwise. */
export async function askClient(
  waiting: WaitingAnswer,
  ctx: ServerContext,
  server: McpServer,
  redactor: Redactor,
): Promise<InputRequiredResult | undefined> {
  if (!waiting.mayConfirm || !canAsk(ctx, server)) return undefined
  const { call, commandId, rule, understood } = waiting
  const { action } = call
  const host = 'host' in action ? ` on ${action.host}` : ''
  const lines = [
    `Rule ${exactText(rule)} asks you to confirm this${host}:`,
    actionText(action),
    ...understood.map((line) => `(${exactText(line)})`),
  ]
  return inputRequired({
    inputRequests: {
      confirm: inputRequired.elicit({
        message: redactor.redact(lines.join('\n')).text,
        requestedSchema: Confirmed,
      }),
    },
    requestState: await confirmationState.mint({ command: commandId, asked: askedDigest(action) }, ctx),
  })
}

/** The action that the client's answer to an earlier question means; undefined when it is no answer to one. */
export function actionOfAnswer(asked: Action, ctx: ServerContext, waitMs: number): Action | undefined {
  const state = ctx.mcpReq.requestState<ConfirmState>()
  // guard: confirmation-of-the-same
  if (state === undefined || state.asked !== askedDigest(asked)) return undefined
  const answer = acceptedContent(ctx.mcpReq.inputResponses, 'confirm', Confirmed)
  return answer?.confirm === true
    ? { kind: 'confirm_command', command: state.command, waitMs }
    : { kind: 'cancel_command', command: state.command }
}

/** A client that declares elicitation without naming a form of it means the form (revision 2025-06-18). */
function canAsk(ctx: ServerContext, server: McpServer): boolean {
  const envelope: Readonly<Record<string, unknown>> = ctx.mcpReq.envelope ?? {}
  // The modern era declares with each request, what the SDK has checked; the older ones once.
  const declared = (envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities()) as
    | ClientCapabilities
    | undefined
  const elicitation = declared?.elicitation
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
}
