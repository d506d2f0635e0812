import { afterAll, beforeAll, expect, test } from 'vitest'
import { SILENT } from '../../../test/kit/fake-issuer.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { systemClock } from '../../lib/clock.ts'
import { offeredMethods } from './trust.ts'

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})

afterAll(() => sshd?.stop())

function methodsOf(hostKeys: readonly string[]) {
  const target = sshd.target('web-server', { hostKeys })
  const settings = { connectTimeoutMs: 5_000, keepaliveMs: 0 }
  const options = { targets: [target], knownHostsFiles: [], settings, clock: systemClock, log: SILENT }
  return offeredMethods(target, options, AbortSignal.timeout(10_000))
}

test('a host tells how one signs in, and is offered no credential for that', async () => {
  expect(await methodsOf([sshd.hostKeyFingerprint])).toEqual(['publickey'])
  expect(sshd.log()).not.toContain('method publickey')
})

test('a host whose key is not trusted is not asked', async () => {
  const before = sshd.authenticationAttempts()
  expect(await methodsOf(['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])).toEqual([])
  expect(sshd.authenticationAttempts()).toBe(before)
})
