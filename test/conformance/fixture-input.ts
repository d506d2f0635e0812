import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ElicitRequestFormParams,
  type InputRequests,
  inputRequired,
  inputResponse,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] })
const asText = (value: unknown) => said(JSON.stringify(value))

function question(message: string, property: string, shape: z.ZodType = z.string()) {
  return inputRequired.elicit({ message, requestedSchema: z.object({ [property]: shape }) })
}

function sample(prompt: string, maxTokens: number) {
  const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }]
  return inputRequired.createMessage({ messages, maxTokens })
}

const answered = (ctx: ServerContext, key: string) =>
  inputResponse(ctx.mcpReq.inputResponses, key).kind !== 'missing'

/** Tools that ask the client for something before they answer. */
export function addInputTools(server: McpServer, codec: RequestStateCodec<string>): void {
  const asks = (name: string, inputRequests: InputRequests, answer: (ctx: ServerContext) => string) =>
    server.registerTool(name, { description: `Conformance fixture ${name}` }, async (ctx) =>
      Object.keys(inputRequests).every((key) => answered(ctx, key))
        ? said(answer(ctx))
        : inputRequired({ inputRequests }),
    )
  const remembers = (name: string, inputRequests: InputRequests, answer: string) =>
    server.registerTool(name, { description: `Conformance fixture ${name}` }, async (ctx) =>
      ctx.mcpReq.requestState<string>() === name &&
      Object.keys(inputRequests).every((key) => answered(ctx, key))
        ? said(answer)
        : inputRequired({ inputRequests, requestState: await codec.mint(name, ctx) }),
    )

  asks(
    'test_input_required_result_elicitation',
    { user_name: question('What is your name?', 'name') },
    (ctx) => `Hello, ${JSON.stringify(ctx.mcpReq.inputResponses?.user_name)}!`,
  )
  asks('test_streaming_elicitation', { user_name: question('What is your name?', 'name') }, () => 'thanks')
  asks(
    'test_input_required_result_sampling',
    { capital_question: sample('What is the capital of France?', 100) },
    (ctx) => JSON.stringify(ctx.mcpReq.inputResponses?.capital_question),
  )
  asks('test_input_required_result_list_roots', { client_roots: inputRequired.listRoots() }, (ctx) =>
    JSON.stringify(ctx.mcpReq.inputResponses?.client_roots),
  )
  const confirm = { confirm: question('Please confirm', 'ok', z.boolean()) }
  remembers('test_input_required_result_request_state', confirm, 'state-ok')
  remembers('test_input_required_result_tampered_state', confirm, 'state-ok')
  remembers(
    'test_input_required_result_multiple_inputs',
    {
      user_name: question('What is your name?', 'name'),
      greeting: sample('Generate a greeting', 50),
      client_roots: inputRequired.listRoots(),
    },
    'all there',
  )
  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'Asks twice' },
    async (ctx) => {
      const state = ctx.mcpReq.requestState<string>()
      if (state === 'round-2' && answered(ctx, 'step2')) return said('both steps done')
      const isSecond = state === 'round-1' && answered(ctx, 'step1')
      const inputRequests = isSecond
        ? { step2: question('Step 2: What is your favorite color?', 'color') }
        : { step1: question('Step 1: What is your name?', 'name') }
      return inputRequired({
        inputRequests,
        requestState: await codec.mint(isSecond ? 'round-2' : 'round-1', ctx),
      })
    },
  )
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks what it may' },
    async (ctx) => {
      const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope }
      const { elicitation, sampling } = (envelope[CLIENT_CAPABILITIES_META_KEY] ?? {}) as ClientCapabilities
      const inputRequests = {
        ...(elicitation && { name: question('What is your name?', 'name') }),
        ...(sampling && { greeting: sample('Generate a greeting', 50) }),
      }
      return Object.keys(inputRequests).length === 0
        ? said('nothing to ask')
        : inputRequired({ inputRequests })
    },
  )
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, async (ctx) =>
    answered(ctx, 'user_context')
      ? { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'with context' } }] }
      : inputRequired({
          inputRequests: { user_context: question('What context should the prompt use?', 'context') },
        }),
  )
  addElicitations(server)
}

/** Otherwise the question goes to the session's own stream, and is lost where the client has not opened that yet. */
export const onItsStream = (ctx: ServerContext) => ({ relatedRequestId: ctx.mcpReq.id })

/** The legacy era's elicitation: the server asks and waits. */
function addElicitations(server: McpServer): void {
  const elicits = (name: string, properties: object) =>
    server.registerTool(name, { description: `Conformance fixture ${name}` }, async (ctx) => {
      const requestedSchema = { type: 'object', properties, required: [] }
      const params = { message: 'Please fill in', requestedSchema } as ElicitRequestFormParams
      const { action, content } = await ctx.mcpReq.elicitInput(params, onItsStream(ctx))
      return said(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`)
    })
  server.registerTool(
    'test_elicitation',
    { description: 'Asks for name and e-mail', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, ctx) => {
      const properties = {
        username: { type: 'string' as const, description: "User's response" },
        email: { type: 'string' as const, description: "User's email address" },
      }
      const requestedSchema = { type: 'object' as const, properties, required: ['username', 'email'] }
      return asText(await ctx.mcpReq.elicitInput({ message, requestedSchema }, onItsStream(ctx)))
    },
  )
  elicits('test_elicitation_sep1034_defaults', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  })
  const options = ['option1', 'option2', 'option3']
  const titled = ['First', 'Second', 'Third'].map((title, at) => ({ const: `value${at + 1}`, title }))
  elicits('test_elicitation_sep1330_enums', {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  })
}
