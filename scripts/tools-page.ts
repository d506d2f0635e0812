import { z } from 'zod'
import { PROMPTS } from '../src/mcp/prompts/list.ts'
import { RESOURCES } from '../src/mcp/resources/list.ts'
import { VIEW } from '../src/mcp/resources/view.ts'
import { SEARCH_TOOLS } from '../src/mcp/search/register-search.ts'
import { TOOLS } from '../src/mcp/tools/list.ts'

type Schema = { readonly properties?: Record<string, Field>; readonly required?: readonly string[] }
type Field = {
  readonly type?: unknown
  readonly description?: string
  readonly anyOf?: readonly Field[]
  readonly enum?: readonly unknown[]
}

const LIMITS = { waitMs: 45_000, timeoutMs: 3_600_000, maxTimeoutMs: 86_400_000 }

/** docs/TOOLS.md: what a client sees of each tool. */
export function toolsPage(): string {
  return `# Tools, resources, prompts

<!-- Generated from src/mcp/ by \`npm run docs\`. -->

Tools first, then [resources](#resources) and [prompts](#prompts). Which client shows what of it: [ASSISTANTS](ASSISTANTS.md).

What \`tools/list\` offers, in this order, to every caller. Each answers with a text block that reads on its own and with structured
content. Of that, the fields that a client acts on are described, here as in the list, because every conversation carries the list; an answer
has more, which \`/openapi.json\` describes for what REST has too. Limits shown are those of a configuration that sets none. What the tools are
for: [COMMANDS](COMMANDS.md), [FILES](FILES.md), [HOSTS](HOSTS.md).

${TOOLS.map(toolSection).join('\n')}
${searchSection()}
${resourcesSection()}
${promptsSection()}`
}

function searchSection(): string {
  const { search, fetch } = SEARCH_TOOLS
  return `## \`search\` and \`fetch\`

Only with \`server.search_tools: true\`: ChatGPT's research mode needs the two, and every conversation would carry them.

| tool | does | argument | result |
| --- | --- | --- | --- |
| \`search\` | ${search.description} | \`query\` | \`results\`: list of \`id\`, \`title\`, \`url\` |
| \`fetch\` | ${fetch.description} | \`id\` | \`id\`, \`title\`, \`text\`, \`url\`, \`metadata\` |
`
}

function resourcesSection(): string {
  const rows = RESOURCES.map(
    ({ uri, mimeType, ttlMs, description }) =>
      `| \`${uri}\` | ${description} | \`${mimeType}\` | ${ttlMs / 1000} s |`,
  )
  const { uri, description, mimeType } = VIEW.listed
  return `## Resources

Reading one is the call of the tool that tells the same: decided by the rules, on record, redacted, cut. What never was and what is somebody
else's are not found, in the same words. \`resources/list\` has the hosts of the caller and the facts of each, 100 to a page, and the output
of its own commands. \`ssh://hosts\` and outputs can be followed (\`resources/subscribe\`, \`subscriptions/listen\`), 64 things for each
caller; whoever follows is told that there is news, never what.

| address | what | type | may be kept |
| --- | --- | --- | --- |
${rows.join('\n')}
| \`${uri}\` | ${description} | \`${mimeType}\` | 3600 s |
`
}

function promptsSection(): string {
  const sections = PROMPTS.map(({ name, title, description, arguments: given }) => {
    const rows = Object.entries(given).map(
      ([key, { description: about, isOptional, completes }]) =>
        `| \`${key}\`${isOptional ? ' (optional)' : ''} | ${about} | ${completes === undefined ? '' : completes === 'host' ? 'host names' : 'host names and tags'} |`,
    )
    return `### \`${name}\`

${title}. ${description}

| argument | meaning | is completed with |
| --- | --- | --- |
${rows.join('\n')}
`
  })
  return `## Prompts

Jobs in words. A prompt grants nothing: what a model does by it goes through the tools, as whoever picked it. Completions name only hosts that
the caller may do something on.

${sections.join('\n')}`
}

function toolSection({
  name,
  title,
  description,
  hints,
  actionSchema,
  output,
}: (typeof TOOLS)[number]): string {
  const kind = hints.readOnlyHint
    ? 'Only reads.'
    : hints.destructiveHint
      ? 'May change the host.'
      : 'Changes nothing on the host.'
  const input = z.toJSONSchema(actionSchema(LIMITS), { io: 'input' }) as Schema
  const result = z.toJSONSchema(output, { io: 'output' }) as Schema
  return `## \`${name}\`

${title}. ${description} ${kind}

${fieldTable('argument', input)}
${fieldTable('result', result)}`
}

function fieldTable(heading: string, { properties = {}, required = [] }: Schema): string {
  const fields = Object.entries(properties)
  if (fields.length === 0) return `No ${heading}s.\n`
  const rows = fields.map(([name, field]) => {
    const optional = required.includes(name) ? '' : ' (optional)'
    return `| \`${name}\` | ${typeText(field)}${optional} | ${(field.description ?? '').replaceAll('|', '\\|')} |`
  })
  return `| ${heading} | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

function typeText({ type, anyOf, enum: values }: Field): string {
  if (values) return values.map((value) => `\`${String(value)}\``).join(', ')
  if (anyOf) return [...new Set(anyOf.map(typeText))].join(' or ')
  if (Array.isArray(type)) return type.join(' or ')
  return typeof type === 'string' ? type : 'object'
}
