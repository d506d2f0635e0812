import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { DemoParts } from '../../src/cli/demo/parts.ts'
import type { Config } from '../../src/config/config.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { claimsOf } from './authorization-server.ts'

/** What a careless bridge might do wrong. The demo must notice each. */
export type Fault =
  | 'no_challenge'
  | 'other_authorization_server'
  | 'address_shown'
  | 'command_not_run'
  | 'command_failed'
  | 'user_not_on_record'
  | 'run_before_intent'
  | 'signature_ignored'
  | 'execute_scope_ignored'
  | 'host_scope_ignored'
  | 'unknown_host_accepted'
  | 'refused_call_reached_ssh'

/** A stand-in for the bridge and its SSH host that does what the demo looks at, and at most one thing wrong. */
export function fakeParts(fault: Fault | undefined): Pick<DemoParts, 'startHost' | 'startBridge'> {
  const seen = { connections: 0, authentications: 0, commands: 0 }
  return {
    startHost: async () => ({
      port: 2222,
      hostKeyFingerprint: 'SHA256:fake',
      clientPrivateKey: 'fake',
      activity: () => ({ ...seen }),
      close: async () => undefined,
    }),
    async startBridge(config) {
      const server = createServer((request, response) => {
        answer(config, fault, seen, request, response).catch(() => response.writeHead(500).end())
      })
      await new Promise<void>((resolve) => server.listen(config.server.port, '127.0.0.1', resolve))
      return {
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          }),
      }
    },
  }
}

async function answer(
  config: Config,
  fault: Fault | undefined,
  seen: { commands: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const base = config.server.publicUrl ?? ''
  const issuer = config.server.auth.oauth?.issuers[0]?.issuer ?? ''
  const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  if (request.url?.startsWith('/.well-known/oauth-protected-resource')) {
    const servers = fault === 'other_authorization_server' ? ['https://other.example.com'] : [issuer]
    const fixed = { scopes_supported: ['mcp:execute', 'mcp:admin'], bearer_methods_supported: ['header'] }
    json(200, { resource: base, authorization_servers: servers, ...fixed })
    return
  }
  const metadata = `resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`
  const refuse = (status: number, error: string) => {
    const value = `Bearer ${error}${error && ', '}${metadata}`
    json(status, {}, fault === 'no_challenge' ? {} : { 'www-authenticate': value })
  }

  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return refuse(401, '')
  if (!(await isSigned(token, issuer, fault))) {
    await record(config, { type: 'auth.denied', reason: 'bad_signature' })
    return refuse(401, 'error="invalid_token"')
  }
  const { email, scope, iss } = claimsOf(token)
  const principal = { email: fault === 'user_not_on_record' ? undefined : email, issuer: iss }
  const { name, arguments: given } = (await body(request)).params as { name: string; arguments: Given }
  const result = (structuredContent: unknown, isError = false) =>
    json(200, { jsonrpc: '2.0', id: 1, result: { content: [], structuredContent, isError } })

  if (name === 'list_hosts') {
    const hosts = config.hosts.map(({ host, port }) => ({
      name: host.name,
      ...(fault === 'address_shown' && { port }),
    }))
    return void result({ hosts })
  }
  const call = `call_${seen.commands}_${given.command}`
  const write = (type: string, more = {}) => record(config, { type, call, principal, ...given, ...more })
  const held = String(scope).split(' ')
  const needed = ['mcp:execute', ...(given.host === 'db-server' ? ['mcp:admin'] : [])]
  const ignored =
    fault === 'execute_scope_ignored' ? 'mcp:execute' : fault === 'host_scope_ignored' ? 'mcp:admin' : ''
  if (needed.some((one) => one !== ignored && !held.includes(one))) {
    if (fault === 'refused_call_reached_ssh') seen.commands += 1
    await write('call.decided', { reason: 'insufficient_scope' })
    return refuse(403, `error="insufficient_scope", scope="${needed.join(' ')}"`)
  }
  if (given.host === 'mail-server' && fault !== 'unknown_host_accepted') {
    await write('call.decided', { reason: 'host_not_found' })
    return void result({ code: 'host_not_found' }, true)
  }
  const types = ['call.received', 'call.decided', 'call.started', 'call.finished']
  if (fault === 'run_before_intent') types.reverse()
  for (const type of types) await write(type, { result: { exit_status: 0 } })
  const line = `2025-12-31 10:23:45 INFO User: ${email} executed on ${given.host}: ${given.command}\n`
  appendFileSync(config.server.logFile ?? '', line)
  if (fault !== 'command_not_run') seen.commands += 1
  const exit_status = fault === 'command_failed' ? 1 : 0
  result({
    ...given,
    success: exit_status === 0,
    exit_status,
    output: given.host === 'db-server' ? 'ready\n' : 'Filesystem\n',
  })
}

interface Given {
  readonly host: string
  readonly command: string
}

async function isSigned(token: string, issuer: string, fault: Fault | undefined): Promise<boolean> {
  if (fault === 'signature_ignored') return token.includes('.')
  const { keys } = (await (await fetch(`${issuer}/oauth/jwks`)).json()) as { keys: JsonWebKey[] }
  const [header = '', payload = '', signature = ''] = token.split('.')
  const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
  return verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
}

async function body(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

async function record({ storage }: Config, facts: Record<string, unknown>): Promise<void> {
  const database = await openDatabase(storage.url, systemClock)
  await database.run(
    "INSERT INTO audit (seq, at, type, instance, hash, line) SELECT COALESCE(MAX(seq), 0) + 1, 0, $1, 'fake', '', $2 FROM audit",
    String(facts.type),
    JSON.stringify(facts),
  )
  await database.close()
}
