import { findLogLine, readAudit, recordsOf } from './audit-trail.ts'
import { expectEqual, expectIncludes, expectWithout, known, StepFailed } from './expect.ts'
import { callTool, type ToolAnswer } from './mcp-client.ts'
import { COMMAND, type Step } from './story.ts'

/** From the token to an answer that a named human is on record for. */
export const callSteps: readonly Step[] = [
  {
    title: 'list_hosts answered',
    async play({ host, places }, story) {
      const answer = await callTool(story.endpoint, known('token', story.token).accessToken, 'list_hosts')
      const { hosts } = structured(answer)
      const names = Array.isArray(hosts) ? hosts.map(({ name }: { name: string }) => name) : []
      expectEqual('the hosts by name', names, ['db-server', 'web-server'])
      for (const secret of [`${host.port}`, 'demo-operator', places.privateKey, host.hostKeyFingerprint]) {
        expectWithout('what the assistant sees', answer.body, secret)
      }
      return { detail: `${names.join(', ')}: names and descriptions, no address, user or key` }
    },
  },
  {
    title: 'execute_command ran on web-server',
    async play({ host }, story) {
      const before = host.activity().commands
      const call = { host: 'web-server', command: COMMAND }
      const token = known('token', story.token).accessToken
      const result = structured(await callTool(story.endpoint, token, 'execute_command', call))
      const { command, success, exit_status, output } = result
      const told = { host: result.host, command, success, exit_status }
      expectEqual('the answer', told, { ...call, success: true, exit_status: 0 })
      expectIncludes('the output of df', String(output), 'Filesystem')
      if (host.activity().commands === before) throw new StepFailed('the SSH host', 'a command', 'none')
      story.output = String(output)
      return { detail: `${COMMAND} → exit status 0, over SSH with a verified host key` }
    },
  },
  {
    title: 'answer shown and user on record',
    async play({ places, user, issuer }, story) {
      const output = known('output', story.output)
      const records = recordsOf(await readAudit(places.database), COMMAND)
      const types = records.map(({ type }) => type)
      expectEqual('the records of the call', types, [
        'call.received',
        'call.decided',
        'call.started',
        'call.finished',
      ])
      for (const { principal, host } of records) {
        expectEqual('who', principal?.email, user.email)
        expectEqual('by whose word', principal?.issuer, issuer)
        expectEqual('where', host, 'web-server')
      }
      expectEqual('how it ended', records.at(-1)?.result?.exit_status, 0)

      const text = `INFO User: ${user.email} executed on web-server: ${COMMAND}`
      const line = known(`a log line that ends with "${text}"`, await findLogLine(places.log, text))
      return { detail: `${types.length} audit records name ${user.email}`, shown: [...lines(output), line] }
    },
  },
]

/** The structured content of a tool that was called and did not answer with an error. */
export function structured(answer: ToolAnswer): Readonly<Record<string, unknown>> {
  expectEqual(`HTTP status (${answer.body.slice(0, 200)})`, answer.status, 200)
  const { result } = answer
  if (result === undefined || result.isError === true)
    throw new StepFailed('the tool', 'a result', answer.body)
  return known('structured content', result.structuredContent)
}

function lines(output: string): string[] {
  return output.trimEnd().split('\n')
}
