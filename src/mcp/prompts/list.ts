import type { McpServer } from '@modelcontextprotocol/server'
import { checkStatus } from './check-status.ts'
import type { Prompt } from './define-prompt.ts'
import { deploy } from './deploy.ts'
import { reviewLogs } from './review-logs.ts'
import { runInOrder } from './run-in-order.ts'
import { securityReview } from './security-review.ts'
import { troubleshootSlowness } from './troubleshoot-slowness.ts'

/** Every prompt, sorted by name: the jobs that people have for a model that can reach their servers. */
export const PROMPTS: readonly Prompt[] = [
  checkStatus,
  deploy,
  reviewLogs,
  runInOrder,
  securityReview,
  troubleshootSlowness,
]

/** The prompts. Each is words and nothing else: what a model does by them goes through the tools, as its caller. */
export function registerPrompts(server: McpServer): void {
  for (const { name, title, description, schema, toText } of PROMPTS)
    server.registerPrompt(name, { title, description, argsSchema: schema }, (given) => ({
      description,
      messages: [{ role: 'user', content: { type: 'text', text: toText(given) } }],
    }))
}
