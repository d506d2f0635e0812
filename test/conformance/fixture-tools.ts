import { setTimeout as pause } from 'node:timers/promises'
import type { CallToolResult, ContentBlock, McpServer, ServerContext } from '@modelcontextprotocol/server'
import { inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { onItsStream } from './fixture-input.ts'

/** The smallest PNG and WAV. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA='

const text = (value: string): ContentBlock => ({ type: 'text', text: value })
const image: ContentBlock = { type: 'image', data: PNG, mimeType: 'image/png' }

/** Tools that only answer. */
export function addTools(server: McpServer): void {
  const tool = (name: string, run: (ctx: ServerContext) => Promise<ContentBlock[]>) =>
    server.registerTool(
      name,
      { description: `Conformance fixture ${name}` },
      async (ctx): Promise<CallToolResult> => ({ content: await run(ctx) }),
    )

  tool('test_simple_text', async () => [text('This is a simple text response for testing.')])
  tool('test_image_content', async () => [image])
  tool('test_audio_content', async () => [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }])
  tool('test_embedded_resource', async () => [
    {
      type: 'resource',
      resource: {
        uri: 'test://embedded-resource',
        mimeType: 'text/plain',
        text: 'This is an embedded resource content.',
      },
    },
  ])
  tool('test_multiple_content_types', async () => [
    text('Multiple content types test:'),
    image,
    {
      type: 'resource',
      resource: {
        uri: 'test://mixed-content-resource',
        mimeType: 'application/json',
        text: '{"test":"data","value":123}',
      },
    },
  ])
  tool('test_error_handling', async () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  tool('test_tool_with_logging', async (ctx) => {
    for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await ctx.mcpReq.log('info', line)
      await pause(20)
    }
    return [text('logged')]
  })
  tool('test_logging_tool', async (ctx) => {
    await ctx.mcpReq.log('info', 'only for those who asked')
    return [text('logged')]
  })
  tool('test_tool_with_progress', async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        const params = { progressToken, progress, total: 100 }
        await ctx.mcpReq.notify({ method: 'notifications/progress', params })
      }
      await pause(20)
    }
    return [text('done')]
  })

  // In the legacy era the SDK turns what these ask for into requests to the client.
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, ctx) => {
      const params = {
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }],
        maxTokens: 100,
      }
      const result = await ctx.mcpReq.requestSampling(params, onItsStream(ctx))
      return { content: [text(`LLM response: ${JSON.stringify(result.content)}`)] }
    },
  )
  server.registerTool('test_missing_capability', { description: 'Asks for what was not offered' }, async () =>
    inputRequired({
      inputRequests: {
        question: inputRequired.createMessage({
          messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
          maxTokens: 10,
        }),
      },
    }),
  )
}
