import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { connectStdio, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd | undefined
let home: Home | undefined

afterEach(async () => {
  await sshd?.stop()
  await home?.remove()
})

test('a replaced host key is refused, also after a restart of the bridge, and the host saw no sign-in', async () => {
  ;({ sshd, home } = await trustedHost())
  const before = await connectStdio(home)
  expect(await run(before, 'web-server', 'echo trusted')).toMatchObject({ stdout: 'trusted\n' })

  await sshd.restartWithOtherHostKey()
  const attempts = sshd.authenticationAttempts()
  expect(await refusal(before)).toMatch(/different|another|changed/i)
  await before.close()

  const after = await connectStdio(home)
  expect(await refusal(after)).toMatch(/hosts trust web-server/)
  await after.close()
  expect(sshd.authenticationAttempts()).toBe(attempts)
  const refused = home.auditRecords().filter(({ result }) => result?.error === 'host_key_mismatch')
  expect(refused).toHaveLength(2)
})

test('an unknown host key is refused with its fingerprint and the command that trusts it', async () => {
  ;({ sshd, home } = await trustedHost())
  writeFileSync(join(home.directory, 'known_hosts'), '')
  const client = await connectStdio(home)
  const text = await refusal(client)
  await client.close()
  expect(text).toContain(sshd.hostKeyFingerprint)
  expect(text).toContain('ssh-mcp-bridge hosts trust web-server')
  expect(sshd.authenticationAttempts()).toBe(0)
})

async function trustedHost(): Promise<{ sshd: Sshd; home: Home }> {
  const host = await startSshd()
  const place = await makeHome()
  const knownHosts = join(place.directory, 'known_hosts')
  writeFileSync(knownHosts, `${host.knownHostsLine}\n`)
  place.configure(
    `ssh: {known_hosts: [${knownHosts}]}\nhosts:\n${hostYaml('web-server', host, { host_key: '' })}`,
  )
  return { sshd: host, home: place }
}

async function refusal(client: Awaited<ReturnType<typeof connectStdio>>): Promise<string> {
  const result = await client.callTool({
    name: 'execute_command',
    arguments: { host: 'web-server', command: 'echo no' },
  })
  expect(result.isError).toBe(true)
  return JSON.stringify(result.content)
}
