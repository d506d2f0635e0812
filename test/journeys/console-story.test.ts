import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConsoleBridge, RULES } from '../kit/console.ts'
import { run } from '../kit/mcp-client.ts'
import { withRoom } from '../kit/room.ts'
import { runCli } from '../kit/run-cli.ts'

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({
    more: `${RULES}recording: {enabled: true, hosts: ['*']}\n`,
    people: ['olga', 'nemo'],
  })
})

afterAll(async () => {
  await bridge?.close()
})

/** Notes when this text comes to stand on the page. */
async function watchFor(page: Page, text: string): Promise<void> {
  await page.evaluate(`new MutationObserver((_, observer) => {
    if (!document.body.textContent.includes(${JSON.stringify(text)})) return
    globalThis.seenAt = Date.now()
    observer.disconnect()
  }).observe(document.body, { subtree: true, childList: true, characterData: true })`)
}

/** REST, as whoever is signed in on the page. */
function rest<T>(page: Page, path: string): Promise<T> {
  return page.evaluate(async (asked) => (await fetch(`/console/api/v1${asked}`)).json(), path) as Promise<T>
}

function callOf({ command_id }: { readonly command_id: string }): string {
  return `call_${command_id.slice('cmd_'.length)}`
}

test('an approval story in a real browser: asked through an MCP client, seen within a second, approved by another person, run, recorded, proven', async () => {
  const nemo = await bridge.callerSignedIn('nemo')
  const page = await bridge.signIn('olga', '/console/approvals')
  await page.getByText('Nothing waits for your approval').waitFor()
  await page.getByText(/^Live/).waitFor()
  const loads: string[] = []
  page.on('framenavigated', (frame) => loads.push(frame.url()))

  const file = join(bridge.home.directory, 'told')
  const command = `echo so it was | tee ${file}; echo not so >&2`
  await watchFor(page, file)
  const askedAt = Date.now()
  const waiting = (await run(nemo, 'web-server', command, { reason: 'the story needs it' })) as unknown as {
    state: string
    command_id: string
    approval_url: string
  }
  expect(waiting).toMatchObject({ state: 'waiting_approval' })
  const request = page.getByRole('article', { name: /^nemo@example\.com asks to run on web-server/ })
  await request.waitFor()
  const seenAt: number = await page.evaluate('seenAt')
  console.log(`asked by an MCP client, on the screen of the approver after ${seenAt - askedAt} ms`)
  expect(seenAt - askedAt).toBeLessThan(withRoom(1_000))
  expect(loads).toEqual([])
  expect(existsSync(file)).toBe(false)

  await request.getByRole('button', { name: 'Approve…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Approve this request?' })
  expect(await dialog.textContent()).toContain(command)
  await dialog.getByLabel('Reason, for the requester and the audit').fill('it may')
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click()
  const over = page.getByRole('list', { name: 'Requests that are over' })
  await over.getByText('approved and carried out').waitFor()
  expect(readFileSync(file, 'utf8')).toBe('so it was\n')

  const told = await nemo.callTool({
    name: 'get_command_output',
    arguments: { command_id: waiting.command_id, wait_seconds: 10 },
  })
  expect(told.structuredContent).toMatchObject({ state: 'completed', exit_status: 0 })
  await over.getByRole('link', { name: 'Follow its output' }).click()
  const output = page.getByRole('region', { name: 'What it printed' })
  await output.getByText('so it was').waitFor()
  await output.getByText('not so').waitFor()
  await page.getByText('exit status 0').waitFor()
  await page.goBack()
  await over.getByRole('link', { name: 'Its whole story' }).click()
  await page.getByRole('heading', { name: `The story of ${callOf(waiting)}` }).waitFor()
  for (const type of ['call.received', 'approval.requested', 'approval.answered', 'call.finished'])
    await page.getByText(type, { exact: true }).waitFor()
  expect(loads.filter((url) => !url.startsWith(`${bridge.product.url}/console/`))).toEqual([])

  const { recordings } = await rest<{ recordings: { id: string; state: string }[] }>(
    page,
    `/recordings?call=${callOf(waiting)}`,
  )
  expect(recordings).toMatchObject([{ state: 'complete' }])
  const { cast } = await rest<{ cast: string }>(page, `/recordings/cast?id=${recordings[0]?.id}`)
  expect(cast).toContain('so it was')
  expect(await rest(page, '/audit/verify')).toMatchObject({ good: true })
  const { code, out } = await runCli('audit', 'verify', '--config', bridge.home.configPath)
  expect({ code, out }).toMatchObject({ code: 0 })

  const records = bridge.home.auditRecords() as unknown as Record<string, unknown>[]
  const [answered] = records.filter(({ type }) => type === 'approval.answered')
  expect(answered).toMatchObject({
    command_id: waiting.command_id,
    verdict: 'approve',
    as: 'person',
    reason: 'it may',
    by: { email: 'olga@example.com', client: 'ssh-mcp-bridge-console' },
    principal: { email: 'nemo@example.com' },
  })
})
