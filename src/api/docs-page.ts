import { createHash } from 'node:crypto'
import type { JsonSchema, OpenApiDocument, OpenApiOperation } from './openapi.ts'

export interface DocsPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #8886; padding: 1rem 0 }
code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { background: #8881; padding: .75rem; overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8883 }
.method { font-weight: 600 }
`

/** No script, no image, no request of any kind: the page is text and this one style. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The OpenAPI document as one page for people. */
export function docsPage(document: OpenApiDocument): DocsPage {
  const url = document.servers[0]?.url ?? ''
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation, url)),
  )
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(document.info.title)} API</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(document.info.title)} <small>${text(document.info.version)}</small></h1>
<p>${text(document.info.description)} Machine-readable: <a href="${text(url)}/openapi.json">openapi.json</a>.</p>
<p>Send <code>Authorization: Bearer TOKEN</code> with every request under <code>/api</code>.</p>
${operations.join('\n')}
</body>
</html>
`
  return { html, contentSecurityPolicy: CONTENT_SECURITY_POLICY }
}

function section(method: string, path: string, operation: OpenApiOperation, url: string): string {
  const [status, ok] = Object.entries(operation.responses)[0] ?? []
  const body = operation.requestBody?.content['application/json'].schema
  const query = {
    properties: Object.fromEntries(
      (operation.parameters ?? []).map(({ name, description, schema }) => [name, { ...schema, description }]),
    ),
    required: (operation.parameters ?? []).filter(({ required }) => required).map(({ name }) => name),
  }
  const errors = Object.entries(operation.responses).slice(1)
  return `<section id="${text(operation.operationId)}">
<h2><span class="method">${text(method.toUpperCase())}</span> <code>${text(path)}</code></h2>
<p>${text(operation.summary)}</p>
${table(body === undefined ? 'Query' : 'Body', body ?? query)}
<pre>${text(curl(method, path, operation, url))}</pre>
${ok === undefined ? '' : table(`Answer ${status}`, ok.content['application/json'].schema)}
${errors.map(([code, { description }]) => `<p><code>${text(code)}</code> ${text(description)}</p>`).join('\n')}
</section>`
}

function table(title: string, schema: JsonSchema): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  if (properties.length === 0) return ''
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const rows = properties.map(
    ([name, property]) =>
      `<tr><td><code>${text(name)}</code></td><td>${text(typeOf(property))}${required.has(name) ? '' : ', optional'}</td>` +
      `<td>${text(String(property.description ?? ''))}</td></tr>`,
  )
  return `<h3>${text(title)}</h3>\n<table>\n<tr><th>Name</th><th>Type</th><th></th></tr>\n${rows.join('\n')}\n</table>`
}

function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map((one: JsonSchema) => typeOf(one)).join(' or ')
  if (Array.isArray(schema.enum)) return schema.enum.join(' | ')
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as JsonSchema)}`
  return String(schema.type ?? schema.const ?? 'any')
}

function curl(method: string, path: string, operation: OpenApiOperation, url: string): string {
  const token = operation.security.length > 0 ? ' -H "Authorization: Bearer $TOKEN"' : ''
  const fields = operation.requestBody?.content['application/json'].schema.required
  const names = Array.isArray(fields)
    ? fields
    : (operation.parameters ?? []).filter((one) => one.required).map((one) => one.name)
  const given = Object.fromEntries(names.map((name: string) => [name, EXAMPLES[name] ?? '…']))
  if (method === 'get')
    return `curl${token} '${url}${path}${names.length > 0 ? `?${new URLSearchParams(given)}` : ''}'`
  return `curl${token} -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(given)}' ${url}${path}`
}

const EXAMPLES: Readonly<Record<string, string>> = { host: 'web-server', command: 'uptime' }

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
