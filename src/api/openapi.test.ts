import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { testHttpApp, testOAuth } from '../../test/kit/http-app.ts'
import { ERRORS } from '../domain/errors.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { docsPage } from './docs-page.ts'
import { mountApi } from './mount-api.ts'
import { openApiDocument } from './openapi.ts'
import { OPERATIONS } from './operations.ts'

const limits = { waitMs: 45_000, timeoutMs: 60_000, maxTimeoutMs: 600_000 }
const document = openApiDocument({ version: '1.2.3', limits, url: 'https://ssh-mcp.example.com' })

describe('the OpenAPI document', () => {
  test('has every operation and none twice', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    for (const { method, path } of OPERATIONS) expect(described).toContain(`${method} ${path}`)
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('describes a body with its bounds and refuses unknown members', () => {
    const schema = document.paths['/api/v1/execute']?.post?.requestBody?.content['application/json'].schema
    expect(schema).toMatchObject({
      type: 'object',
      required: ['host', 'command'],
      additionalProperties: false,
      properties: { timeout_seconds: { type: 'number', exclusiveMinimum: 0, maximum: 600 } },
    })
  })

  test('describes a query by its parameters', () => {
    expect(document.paths['/api/v1/working-directory']?.get?.parameters).toMatchObject([
      { name: 'host', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'session', in: 'query', required: false },
    ])
  })

  test('names every error code under its status', () => {
    const responses = document.paths['/api/v1/execute']?.post?.responses ?? {}
    for (const [code, { http }] of Object.entries(ERRORS))
      expect(responses[String(http)]?.description.split(', ')).toContain(code)
  })

  test('asks for a bearer token where one is needed and nowhere else', () => {
    expect(document.paths['/api/v1/hosts']?.get?.security).toEqual([{ bearer: [] }])
    expect(document.paths['/health']?.get?.security).toEqual([])
    expect(document.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' })
  })

  test('is JSON without references to anything outside', () => {
    const references = JSON.stringify(document).match(/"\$ref":"[^"]*"/g) ?? []
    expect(references.length).toBeGreaterThan(0)
    expect(references.every((reference) => reference === '"$ref":"#/components/schemas/Error"')).toBe(true)
    expect(document.openapi).toBe('3.1.0')
  })
})

describe('the page to read it', () => {
  const page = docsPage(document)

  test('shows every operation', () => {
    for (const { path } of OPERATIONS) expect(page.html).toContain(path)
  })

  test('has no script and loads nothing, and its policy allows no more', () => {
    expect(page.html).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|\sstyle=|javascript:/i)
    const style = /<style>([\s\S]*)<\/style>/.exec(page.html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page.contentSecurityPolicy).toContain(`style-src 'sha256-${hash}'`)
    expect(page.contentSecurityPolicy).toContain("default-src 'none'")
    expect(page.contentSecurityPolicy).not.toContain('unsafe')
  })

  test('writes what it is given as text', () => {
    const hostile = openApiDocument({ version: '<script>alert(1)</script>', limits, url: `https://a"'><b>` })
    expect(docsPage(hostile).html).not.toMatch(/<script|<b>/)
  })
})

test('both are served without a token, by the address that was asked', async () => {
  const { app } = testHttpApp({ settings: { publicUrl: 'https://ssh-mcp.example.com' } })
  mountApi(app, { bridge: {} as Bridge, limits: () => limits, oauth: () => testOAuth, version: '1.2.3' })
  const json = await app.request('http://localhost/openapi.json')
  const html = await app.request('http://localhost/docs')
  expect(await json.json()).toEqual(document)
  expect(html.headers.get('Content-Type')).toContain('text/html')
  expect(html.headers.get('Content-Security-Policy')).toContain("style-src 'sha256-")
})
