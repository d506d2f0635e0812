import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ANSWER, INPUT, SAID, TOOL } from './list.ts'

/**
 * Stands in for the models of Anthropic and Google on loopback: asks for one call of `execute_command`, and says what the answer was.
 * Clients that call for a model alone are made to call by it; no key, no account and nothing outside of this machine takes part.
 */
export interface ScriptedModel {
  readonly url: string
  close(): Promise<void>
}

/** Of a request, as far as it is looked at: the tools on offer, and whether what was asked for has been answered. */
interface Asked {
  readonly model?: string
  readonly tools?: readonly {
    readonly name?: string
    readonly functionDeclarations?: readonly { readonly name: string }[]
  }[]
  /** Anthropic's and Google's word for what was said so far. */
  readonly messages?: readonly unknown[]
  readonly contents?: readonly unknown[]
}

export async function startScriptedModel(): Promise<ScriptedModel> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const text = Buffer.concat(await request.toArray()).toString()
    const speak = /\/v1\/messages(?!\/)/.test(path)
      ? asAnthropic
      : path.includes('GenerateContent')
        ? asGoogle
        : undefined
    if (speak === undefined) return response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    speak(JSON.parse(text), response)
    return response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The name under which the client offers the tool, until it has been called; then undefined, and what the answer was. */
function wanted({ tools = [], messages, contents }: Asked): {
  readonly tool?: string
  readonly text: string
} {
  const names = tools.flatMap(({ name, functionDeclarations = [] }) => [
    name,
    ...functionDeclarations.map((one) => one.name),
  ])
  const tool = names.find((name) => name?.endsWith(TOOL))
  const last = JSON.stringify((messages ?? contents)?.at(-1) ?? '')
  const isAnswered = /tool_result|functionResponse/.test(last)
  if (tool === undefined) return { text: `I was offered no ${TOOL}` }
  if (!isAnswered) return { tool, text: '' }
  return { text: last.includes(ANSWER) ? SAID : last }
}

function asAnthropic(asked: Asked, response: ServerResponse): void {
  const { tool, text } = wanted(asked)
  const event = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
  const usage = { input_tokens: 1, output_tokens: 1 }
  const about = { id: 'msg_1', type: 'message', role: 'assistant', model: asked.model, content: [], usage }
  event('message_start', { message: { ...about, stop_reason: null, stop_sequence: null } })
  const block =
    tool === undefined
      ? { type: 'text', text: '' }
      : { type: 'tool_use', id: 'toolu_1', name: tool, input: {} }
  event('content_block_start', { index: 0, content_block: block })
  const delta =
    tool === undefined
      ? { type: 'text_delta', text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(INPUT) }
  event('content_block_delta', { index: 0, delta })
  event('content_block_stop', { index: 0 })
  const stop_reason = tool === undefined ? 'end_turn' : 'tool_use'
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } })
  event('message_stop', {})
}

function asGoogle(asked: Asked, response: ServerResponse): void {
  const { tool, text } = wanted(asked)
  const part = tool === undefined ? { text } : { functionCall: { name: tool, args: INPUT } }
  const candidate = { index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }
  response.write(`data: ${JSON.stringify({ candidates: [candidate], usageMetadata })}\r\n\r\n`)
}
