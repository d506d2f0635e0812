import { z } from 'zod'
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
  return `# Tools

<!-- Generated from src/mcp/tools/ by \`npm run docs\`. -->

What \`tools/list\` offers, in this order, to every caller. Each answers with a text block that reads on its own and with structured
content. Of that, the fields that a client acts on are described, here as in the list, because every conversation carries the list; an answer
has more, which \`/openapi.json\` describes for what REST has too. Limits shown are those of a configuration that sets none. What the tools are
for: [COMMANDS](COMMANDS.md), [FILES](FILES.md), [HOSTS](HOSTS.md).

${TOOLS.map(toolSection).join('\n')}`
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
