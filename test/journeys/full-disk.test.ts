import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { startSshd } from '../kit/sshd.ts'

test('a full disk stops execution and turns /ready to 503; it resumes by itself', async () => {
  const sshd = await startSshd()
  const home = await makeHome()
  home.configure(`hosts:\n${hostYaml('web-server', sshd)}`)
  // /dev/full answers every write with ENOSPC, as a full disk does.
  const today = join(home.directory, 'audit', `audit-${new Date().toISOString().slice(0, 10)}.jsonl`)
  symlinkSync('/dev/full', today)
  const product = await startProduct(home)
  const client = await connectHttp(`${product.url}/mcp`, undefined)
  try {
    const begun = join(home.directory, 'begun')
    await expect(run(client, 'web-server', `touch ${begun}`)).rejects.toThrow(/audit/)
    const ready = await fetch(`${product.url}/ready`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain('audit')
    expect(sshd.log()).not.toContain(begun)
    expect(sshd.authenticationAttempts()).toBe(0)
    expect((await fetch(`${product.url}/health`)).status).toBe(200)

    rmSync(today)
    await expect.poll(async () => (await fetch(`${product.url}/ready`)).status, { timeout: 10_000 }).toBe(200)
    expect(await run(client, 'web-server', 'echo back')).toMatchObject({ stdout: 'back\n' })
    expect(home.auditRecords().map(({ type }) => type)).toContain('audit.resumed')
  } finally {
    await client.close()
    await product.stop()
    await sshd.stop()
    await home.remove()
  }
})
