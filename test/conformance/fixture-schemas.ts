import { fromJsonSchema, type McpServer } from '@modelcontextprotocol/server'

const text = { type: 'string' } as const

/** Everything of JSON Schema 2020-12 that a list of tools must not lose. */
const EVERY_KEYWORD = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: text, city: text } } },
  properties: {
    name: text,
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: text,
    email: text,
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

/** An argument that clients repeat in a header, so that proxies can route by it (SEP-2243). */
const IN_HEADER = {
  type: 'object' as const,
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['region'],
}

/** Tools whose list entry is what is looked at. */
export function addSchemaTools(server: McpServer): void {
  for (const [name, schema] of Object.entries({
    json_schema_2020_12_tool: EVERY_KEYWORD,
    test_custom_header: IN_HEADER,
  }))
    server.registerTool(
      name,
      { description: `Conformance fixture ${name}`, inputSchema: fromJsonSchema(schema) },
      async () => ({ content: [{ type: 'text' as const, text: 'done' }] }),
    )
}
