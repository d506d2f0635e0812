import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'
import { syslogPlace } from './read-sinks.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-sinks-config-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function load(sinks: string, server = '{enable_http: true}') {
  const path = join(directory, 'config.yaml')
  writeFileSync(path, `server: ${server}\naudit:\n  sinks:\n${sinks}\n`, { mode: 0o600 })
  const result = await loadConfig(path, {}, { home: directory })
  return result.ok
    ? { sinks: result.config.auditSinks, warnings: result.config.warnings, secrets: result.config.secrets }
    : { problems: result.problems.map(({ message }) => message) }
}

const secret = 'twenty-four characters or more'

test('a sink of each kind is read, with what was not written', async () => {
  const { sinks, secrets } = await load(`
    - {kind: file, directory: copies, rotate: {megabytes: 5, keep: 9}, types: [call.*]}
    - {kind: stdout}
    - {kind: syslog, address: 'logs.example.com', tls: {ca: ca.pem}}
    - {kind: syslog, name: old, address: '127.0.0.1:1514', protocol: udp, facility: local3}
    - {kind: webhook, url: https://siem.example.com/in, secret: '${secret}'}
    - {kind: otlp, endpoint: http://127.0.0.1:4318/, headers: [{name: Authorization, value: Bearer x1}], batch: 7}`)
  expect(sinks).toEqual([
    {
      kind: 'file',
      name: 'file',
      directory: join(directory, 'copies'),
      fileBytes: 5_242_880,
      keepFiles: 9,
      types: ['call.*'],
    },
    { kind: 'stdout', name: 'stdout' },
    {
      ...{ kind: 'syslog', name: 'syslog', address: 'logs.example.com', port: 6514, protocol: 'tls' },
      ...{ tls: { ca: join(directory, 'ca.pem') }, facility: 10, enterprise: 32_473 },
    },
    {
      ...{ kind: 'syslog', name: 'old', address: '127.0.0.1', port: 1514, protocol: 'udp' },
      ...{ tls: {}, facility: 19, enterprise: 32_473 },
    },
    { kind: 'webhook', name: 'webhook', url: 'https://siem.example.com/in', secret, batch: 100 },
    {
      ...{ kind: 'otlp', name: 'otlp', url: 'http://127.0.0.1:4318/v1/logs', batch: 7 },
      headers: { authorization: 'Bearer x1' },
    },
  ])
  expect(secrets).toEqual(expect.arrayContaining([secret, 'Bearer x1']))
})

describe('what cannot be is refused', () => {
  test.each([
    ['- {directory: copies}', /kind/],
    ['- {kind: file}', /needs `directory`/],
    ['- {kind: webhook, url: https://siem.example.com}', /needs `secret`/],
    [`- {kind: webhook, url: http://siem.example.com, secret: '${secret}'}`, /must begin with https/],
    ['- {kind: otlp, endpoint: http://192.0.2.1:4318}', /must begin with https/],
    ['- {kind: file, directory: a, address: b}', /`address` is not for a sink of kind file/],
    ['- {kind: syslog, address: "a:0"}', /must be a name or an IP address/],
    ['- {kind: syslog, address: a, tls: {cert: a.pem}}', /belong together/],
    ['- {kind: syslog, address: a, protocol: tcp, tls: {ca: a.pem}}', /the protocol is tcp/],
    ['- {kind: stdout}\n    - {kind: stdout}', /named `stdout` too/],
    ['- {kind: stdout, types: [everything]}', /must be a type of records/],
    ['- {kind: stdout, colour: red}', /colour/],
  ])('%s', async (sinks, message) => {
    const { problems } = await load(`    ${sinks}`)
    expect(problems?.join('\n')).toMatch(message)
    expect(problems).toHaveLength(1)
  })
})

describe('standard output', () => {
  test('is no place for the audit while a client is served on it', async () => {
    const both = await load('    - {kind: stdout}', '{enable_http: true, enable_stdio: true}')
    const stdio = await load('    - {kind: stdout}', '{enable_stdio: true}')
    for (const { problems } of [both, stdio])
      expect(problems?.join()).toContain('belongs to the client on stdio')
  })

  test('is one where HTTP alone is served', async () => {
    expect((await load('    - {kind: stdout}')).sinks).toHaveLength(1)
  })
})

test('an audit that everybody on the way can read is told', async () => {
  const open = await load('    - {kind: syslog, address: logs.example.com, protocol: tcp}')
  expect(open.warnings?.join()).toContain('which everybody on the way can read')
  const own = await load('    - {kind: syslog, address: 127.0.0.1, protocol: tcp}')
  expect(own.warnings?.join()).not.toContain('on the way')
})

test.each([
  ['logs.example.com', 'logs.example.com', 6514],
  ['192.0.2.1:10514', '192.0.2.1', 10_514],
  ['2001:db8::1', '2001:db8::1', 6514],
  ['[2001:db8::1]:99', '2001:db8::1', 99],
])('the address %s is read', (text, address, port) => {
  expect(syslogPlace(text, 'tls')).toEqual({ address, port })
})

test.each(['a b', 'a:70000', '[a]:1', 'https://a', ''])('the address %j is none', (text) => {
  expect(syslogPlace(text, 'tls')).toBeUndefined()
})
