import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'

/** What a device of 2008 speaks. */
const OLD = [
  'KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1',
  'HostKeyAlgorithms ssh-rsa',
  'Ciphers aes128-cbc,3des-cbc',
  'MACs hmac-sha1',
]

let old: Sshd
const open: { close(): void }[] = []

beforeAll(async () => {
  old = await startSshd({ hostKeyTypes: ['rsa'], config: OLD })
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(() => old.stop())

function runner(...parameters: Parameters<typeof sshRunner>) {
  const bridge = sshRunner(...parameters)
  open.push(bridge)
  return bridge
}

describe('a host that only knows old algorithms', () => {
  test('is refused unless it is configured as such', async () => {
    expect(await runner([old.target('switch')]).run('true')).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
      message: expect.stringContaining('no algorithm in common'),
    })
  })

  test('is spoken to with algorithms: legacy, and the operator is warned once', async () => {
    const bridge = runner([old.target('switch', { algorithms: 'legacy' })])
    for (const owner of ['one', 'two'])
      expect(await bridge.run('echo old', { owner })).toMatchObject({ stdout: { head: 'old\n' } })
    expect(bridge.log.lines.filter((line) => line.includes('Old algorithms'))).toHaveLength(1)
  })

  test.each(['diffie-hellman-group1-sha1', 'diffie-hellman-group-exchange-sha1'])(
    'by %s too',
    async (kex) => {
      const older = await startSshd({
        hostKeyTypes: ['rsa'],
        config: [`KexAlgorithms ${kex}`, 'HostKeyAlgorithms ssh-rsa', 'Ciphers 3des-cbc', 'MACs hmac-sha1'],
      })
      try {
        const bridge = runner([older.target('switch', { algorithms: 'legacy' })])
        expect(await bridge.run('echo older')).toMatchObject({ stdout: { head: 'older\n' } })
      } finally {
        await older.stop()
      }
    },
  )
})

test('a host that knows better is spoken to as well as ever when it is taken for an old one', async () => {
  const sshd = await startSshd()
  try {
    const bridge = runner([sshd.target('web-server', { algorithms: 'legacy' })])
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'exited', code: 0 } })
    expect(sshd.log()).toMatch(/kex: algorithm: curve25519-sha256/)
    expect(sshd.log()).toMatch(/kex: client->server cipher: aes128-gcm/)
  } finally {
    await sshd.stop()
  }
})
