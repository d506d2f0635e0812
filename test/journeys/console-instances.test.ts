import type { Client } from '@modelcontextprotocol/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChromium } from '../kit/chromium.ts'
import { type Cluster, keyOf, keysYaml, startCluster } from '../kit/cluster.ts'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { hostYaml } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let postgres: TestPostgres
let cluster: Cluster
let browser: Browser
let page: Page
let client: Client

/** The operator looks at the first instance, and the caller is at the second. */
beforeAll(async () => {
  ;[sshd, postgres, browser] = await Promise.all([startSshd(), startPostgres(), startChromium()])
  const yaml = `server:
${keysYaml(['caller', 'operator'])}
hosts:
${hostYaml('web-server', sshd)}`
  cluster = await startCluster(postgres, 2, yaml, await freePort())
  const [first, second] = cluster.members
  client = await connectHttp(`${second?.url}/mcp`, keyOf('caller'))
  page = await (await browser.newContext()).newPage()
  await page.goto(`${first?.url}/console/now`)
  await page.getByLabel('API key').fill(keyOf('operator'))
  await page.getByRole('button', { name: 'Sign in with the key' }).click()
  await page.getByText('Nothing is being carried out').waitFor()
})

afterAll(async () => {
  await client?.close().catch(() => undefined)
  await browser?.close()
  await cluster?.stop()
  await postgres?.stop()
  await sshd?.stop()
})

test('what one instance does is seen, followed and ended at another', async () => {
  const region = page.getByRole('region', { name: 'Instances' })
  expect(await region.getByRole('listitem').count()).toBe(2)
  expect(await region.getByText('answers here').count()).toBe(1)
  await page.getByText(/^Live/).waitFor()
  const { command_id } = (await run(client, 'web-server', 'echo over there; sleep 300', {
    wait_seconds: 0,
  })) as unknown as { command_id: string }
  const call = page.getByRole('list', { name: 'Calls' }).getByRole('listitem')
  await call.filter({ hasText: /at inst_/ }).waitFor()
  await call.getByRole('link', { name: 'Follow' }).click()
  await page.getByRole('region', { name: 'What it printed' }).getByText('over there').waitFor()
  await call.getByRole('button', { name: 'End it…' }).click()
  await page.locator('dialog[open]').getByRole('button', { name: 'End it' }).click()
  await page.locator('.told').filter({ hasText: 'It was ended on web-server' }).waitFor()
  await page.getByText('cancelled', { exact: true }).waitFor()
  await call.waitFor({ state: 'detached' })
  const told = await client.callTool({ name: 'get_command_output', arguments: { command_id } })
  expect(told.structuredContent).toMatchObject({ state: 'cancelled' })
})
