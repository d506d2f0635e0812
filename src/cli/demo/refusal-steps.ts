import { readAudit } from './audit-trail.ts'
import { structured } from './call-steps.ts'
import { expectEqual, expectIncludes, known } from './expect.ts'
import { callTool, type ToolAnswer } from './mcp-client.ts'
import { type AccessToken, authorize, exchangeCode } from './oauth-client.ts'
import { SCOPES, type Stage } from './stage.ts'
import type { Step, Story } from './story.ts'

const CALL = { host: 'web-server', command: 'echo this must never run' }

/** What is refused, and that nothing of it came near a host. */
export const refusalSteps: readonly Step[] = [
  {
    title: 'bad token refused',
    async play({ host }, story) {
      story.seenBefore = host.activity()
      const good = known('token', story.token).accessToken
      for (const bad of ['not-a-token', tampered(good), withoutSignature(good)]) {
        const { status, challenge } = await callTool(story.endpoint, bad, 'execute_command', CALL)
        expectEqual('status', status, 401)
        expectEqual('error', challenge.error, 'invalid_token')
        known('resource_metadata in the challenge', challenge.resource_metadata)
      }
      return { detail: '401 invalid_token for a random one, a changed one and an unsigned one' }
    },
  },
  {
    title: 'token without the scope refused',
    async play(stage, story) {
      const { accessToken } = await tokenWith([SCOPES.admin], stage, story)
      const answer = await callTool(story.endpoint, accessToken, 'execute_command', CALL)
      expectStepUp(answer, [SCOPES.execute])
      return { detail: `403 insufficient_scope, the challenge asks for ${answer.challenge.scope}` }
    },
  },
  {
    title: 'host that needs another scope refused',
    async play(_stage, story) {
      const token = known('token', story.token).accessToken
      const call = { ...CALL, host: 'db-server' }
      const answer = await callTool(story.endpoint, token, 'execute_command', call)
      expectStepUp(answer, [SCOPES.execute, SCOPES.admin])
      return { detail: `403 insufficient_scope, the challenge asks for ${answer.challenge.scope}` }
    },
  },
  {
    title: 'unknown host refused',
    async play(_stage, story) {
      const token = known('token', story.token).accessToken
      const call = { ...CALL, host: 'mail-server' }
      const { status, result, body } = await callTool(story.endpoint, token, 'execute_command', call)
      expectEqual('status and isError', [status, result?.isError], [200, true])
      expectIncludes('the error', body, 'host_not_found')
      return { detail: 'host_not_found, as a forbidden host would answer' }
    },
  },
  {
    title: 'nothing of that reached SSH',
    async play({ host, places }, story) {
      expectEqual('what the SSH host saw', host.activity(), known('earlier count', story.seenBefore))
      const audit = await readAudit(places.database)
      const started = audit.filter(({ type, command }) => type === 'call.started' && command === CALL.command)
      expectEqual('call.started records', started, [])
      const refused = audit.filter(({ type }) => type === 'auth.denied')
      const decided = audit.filter(
        ({ reason }) => reason === 'insufficient_scope' || reason === 'host_not_found',
      )
      expectEqual('refusals on record', [refused.length > 0, decided.length], [true, 3])
      return { detail: 'no connection, no command; every refusal is in the audit' }
    },
  },
  {
    title: 'the scope asked for opens the host',
    async play(stage, story) {
      const { accessToken } = await tokenWith([SCOPES.execute, SCOPES.admin], stage, story)
      const call = { host: 'db-server', command: 'echo ready' }
      const { success, output } = structured(
        await callTool(story.endpoint, accessToken, 'execute_command', call),
      )
      expectEqual('the answer', [success, String(output).trim()], [true, 'ready'])
      return { detail: `db-server answers a token with ${SCOPES.execute} ${SCOPES.admin}` }
    },
  },
]

/** The same user signs in once more, for other scopes. */
async function tokenWith(scopes: readonly string[], { user }: Stage, story: Story): Promise<AccessToken> {
  const metadata = known('server metadata', story.metadata)
  const client = known('registered client', story.client)
  const resource = known('resource', story.resource)
  const code = await authorize(metadata, client, { ...user, consent: 'allow' }, { scopes, resource })
  const token = await exchangeCode(metadata, client, code, resource)
  expectEqual('scopes of the token', token.scopes, scopes)
  return token
}

/** RFC 6750 §3.1: 403, and everything the operation needs at once. */
function expectStepUp({ status, challenge, body }: ToolAnswer, scopes: readonly string[]): void {
  expectEqual(`status (${body.slice(0, 200)})`, status, 403)
  expectEqual('error', challenge.error, 'insufficient_scope')
  for (const scope of scopes) expectIncludes('scope', (challenge.scope ?? '').split(' '), scope)
  known('resource_metadata in the challenge', challenge.resource_metadata)
}

/** The same token for somebody else, under the old signature. */
function tampered(token: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>
  const changed = JSON.stringify({ ...claims, sub: 'somebody-else', email: 'other@example.com' })
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.')
}

/** RFC 7519 §6: `alg: none`. */
function withoutSignature(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  return `${header}.${token.split('.')[1]}.`
}
