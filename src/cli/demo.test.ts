import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Fault, fakeParts } from '../../test/kit/fake-bridge.ts'
import { startAuthorizationServer } from '../authserver/embedded.ts'
import { challengeParameters, resultOf } from './demo/mcp-client.ts'
import type { DemoParts } from './demo/parts.ts'
import { play, STEPS } from './demo/play.ts'
import { type StepReport, stepJson, stepText } from './demo/report.ts'
import { setStage } from './demo/stage.ts'
import { runDemo } from './demo.ts'

const forever = new AbortController().signal

function parts(fault?: Fault): DemoParts {
  return { startAuthorizationServer, ...fakeParts(fault) }
}

async function reportsWith(fault?: Fault): Promise<StepReport[]> {
  const reports: StepReport[] = []
  const stage = await setStage(parts(fault))
  try {
    await play(stage, STEPS, (step) => reports.push(step), forever)
  } finally {
    await stage.close()
  }
  return reports
}

const temporary = mkdtempSync(join(tmpdir(), 'demo-test-'))
beforeAll(() => {
  vi.stubEnv('TMPDIR', temporary)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true })
})

test('every step holds against a bridge that does what it should', async () => {
  const reports = await reportsWith()
  expect(reports.map((step) => [step.number, step.state])).toEqual(
    STEPS.map((_, index) => [index + 1, 'held']),
  )
})

const faults: [Fault, string][] = [
  ['no_challenge', 'client discovered who protects the bridge'],
  ['other_authorization_server', 'client discovered who protects the bridge'],
  ['address_shown', 'list_hosts answered'],
  ['command_not_run', 'execute_command ran on web-server'],
  ['command_failed', 'execute_command ran on web-server'],
  ['user_not_on_record', 'answer shown and user on record'],
  ['run_before_intent', 'answer shown and user on record'],
  ['signature_ignored', 'bad token refused'],
  ['execute_scope_ignored', 'token without the scope refused'],
  ['host_scope_ignored', 'host that needs another scope refused'],
  ['unknown_host_accepted', 'unknown host refused'],
  ['refused_call_reached_ssh', 'nothing of that reached SSH'],
]

test.each(faults)('the fault %s is noticed at: %s', async (fault, title) => {
  const reports = await reportsWith(fault)
  const failed = reports.filter(({ state }) => state === 'failed')
  expect(failed.map((step) => step.title)).toEqual([title])
  const after = reports.slice(reports.findIndex(({ state }) => state === 'failed') + 1)
  expect(after.every(({ state }) => state === 'not_played')).toBe(true)
})

test('the exit code is 0 when every step held and 1 when one did not', async () => {
  const lines: string[] = []
  expect(await runDemo({}, parts(), (line) => lines.push(line), forever)).toBe(0)
  expect(lines[2]).toMatch(/^✔ 3 user authenticated: user@example\.com/)
  expect(await runDemo({}, parts('command_failed'), (line) => lines.push(line), forever)).toBe(1)
  expect(lines.find((line) => line.startsWith('✘ 6'))).toMatch(
    /expected .*"exit_status":0.* came .*"exit_status":1/,
  )
})

test('with json every line is one object', async () => {
  const lines: string[] = []
  await runDemo({ json: true }, parts(), (line) => lines.push(line), forever)
  expect(lines.map((line) => JSON.parse(line).state)).toEqual(STEPS.map(() => 'held'))
  expect(JSON.parse(lines[6] ?? '')).toMatchObject({ step: 7, shown: expect.any(Array) })
})

test('with keep it stays up and prints what a client needs, until it is told to stop', async () => {
  const stop = new AbortController()
  const lines: string[] = []
  const ended = runDemo({ json: true, keep: true }, parts(), (line) => lines.push(line), stop.signal)
  await expect.poll(() => lines.at(-1)).toContain('"password"')
  const { url, issuer, username, password } = JSON.parse(lines.at(-1) ?? '')
  expect((await fetch(url, { method: 'POST' })).status).toBe(401)
  expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200)
  expect([username, password]).toEqual(['user', expect.stringMatching(/^\S{16}$/)])
  stop.abort()
  expect(await ended).toBe(0)
  await expect(fetch(url, { method: 'POST' })).rejects.toThrow()
})

test('the temporary directory is gone afterwards, also when a part does not start', async () => {
  let during: string[] = []
  await runDemo({}, parts(), () => (during = readdirSync(temporary)), forever)
  expect(during).toHaveLength(1)
  const broken = { ...parts(), startBridge: () => Promise.reject(new Error('no bridge today')) }
  await expect(runDemo({}, broken, () => undefined, forever)).rejects.toThrow('no bridge today')
  expect(readdirSync(temporary)).toEqual([])
})

test('a play that was told to stop says which steps were not played', async () => {
  const stop = new AbortController()
  const states: string[] = []
  const step = { title: 'one', play: async () => ({ detail: '' }) }
  const stage = await setStage(parts())
  const stopAfterFirst = ({ state }: StepReport) => {
    states.push(state)
    stop.abort()
  }
  expect(await play(stage, [step, step], stopAfterFirst, stop.signal)).toBe(false)
  await stage.close()
  expect(states).toEqual(['held', 'not_played'])
})

test('a step is told in one line, and what a host printed cannot move the cursor', () => {
  const shown = ['\u001b[2Jcleared', 'plain']
  expect(stepText({ number: 7, title: 'answer shown', state: 'held', detail: 'yes', shown })).toBe(
    '✔ 7 answer shown: yes\n     [2Jcleared\n    plain',
  )
  const failed = {
    number: 2,
    title: 'client registered',
    state: 'failed',
    what: 'status',
    expected: '201',
    came: '500',
  } as const
  expect(stepText(failed)).toBe('✘ 2 client registered: status: expected 201, came 500')
  expect(JSON.parse(stepJson(failed))).toMatchObject({
    step: 2,
    state: 'failed',
    expected: '201',
    came: '500',
  })
})

test('a challenge is read with quoted and plain values, and another scheme is none', () => {
  const header =
    'Bearer error="insufficient_scope", scope="a b", resource_metadata="https://a.example.com/x", max=3'
  expect(challengeParameters(header)).toEqual({
    error: 'insufficient_scope',
    scope: 'a b',
    resource_metadata: 'https://a.example.com/x',
    max: '3',
  })
  expect(challengeParameters('Basic realm="x"')).toEqual({})
})

test('a tool result is read from JSON and from an event stream alike', () => {
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { isError: false } })
  expect(resultOf(message, 'application/json')).toEqual({ isError: false })
  const progress = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: {} })
  const stream = `: hello\n\nevent: message\ndata: ${progress}\n\nevent: message\ndata: ${message}\n\n`
  expect(resultOf(stream, 'text/event-stream')).toEqual({ isError: false })
})
