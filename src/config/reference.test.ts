import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ENVIRONMENT } from './environment.ts'
import { configJsonSchema } from './json-schema.ts'
import { configKeys } from './keys.ts'
import { configurationPage } from './reference.ts'

describe('the reference', () => {
  test('docs/CONFIGURATION.md is what the schema says', () => {
    expect(readFileSync('docs/CONFIGURATION.md', 'utf8'), 'stale? run: npm run docs').toBe(
      configurationPage(),
    )
  })

  test('every key and variable is on the page and is explained', () => {
    const page = configurationPage()
    for (const key of configKeys().values()) {
      expect(key.description, key.pattern).not.toBe('')
      expect(page).toContain(`| \`${key.name}\` |`)
    }
    for (const name of Object.keys(ENVIRONMENT)) expect(page).toContain(`| \`${name}\` |`)
  })

  test('the secret keys are these', () => {
    const secret = [...configKeys().values()].filter(({ isSecret }) => isSecret).map(({ pattern }) => pattern)
    expect(secret).toEqual([
      'server.api_key',
      'server.oauth.introspection.client_secret',
      'server.oauth.issuers.*.introspection.client_secret',
      'server.oauth.upstream.client_secret',
      'server.oauth.encryption_key',
      'hosts.*.passphrase',
      'hosts.*.password',
      'hosts.*.sudo.password',
      'hosts.*.answers.*.answer',
      'hosts.*.answers.*.totp_secret',
      'approvals.webhook.secret',
      'audit.signing_key',
      'audit.sinks.*.secret',
      'audit.sinks.*.headers.*.value',
      'recording.encryption_key',
      'recording.former_encryption_keys',
      'console.client_secret',
      'console.encryption_key',
      'storage.url',
      'telemetry.traces.headers.*.value',
    ])
  })
})

describe('the JSON Schema for editors', () => {
  const schema = configJsonSchema() as {
    $schema: string
    additionalProperties: boolean
    properties: { server: { properties: Record<string, object> }; hosts: { items: { required: string[] } } }
  }

  test('is draft 2020-12, strict, and names what a host needs', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(schema.additionalProperties).toBe(false)
    expect(schema.properties.hosts.items.required).toEqual(['name', 'host', 'username'])
  })

  test('takes a reference wherever a text is bounded', () => {
    expect(schema.properties.server.properties.api_key).toMatchObject({
      type: 'string',
      writeOnly: true,
      anyOf: [{ minLength: 16 }, { pattern: '\\$\\{(env|file):[^}]+\\}' }],
    })
  })
})
