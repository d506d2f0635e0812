import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../test/kit/free-port.ts'
import { rememberedLog, sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import type { HostTarget } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'
import { scanHostKeys, trustHost } from './trust.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-trust-'))
const knownHosts = join(directory, 'own', 'known_hosts')
let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] })
})
afterAll(async () => {
  await sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})

function scan(target: HostTarget) {
  const options = {
    targets: [target],
    knownHostsFiles: [knownHosts],
    settings: { connectTimeoutMs: 5_000, keepaliveMs: 0 },
    clock: systemClock,
    log: rememberedLog(),
  }
  return scanHostKeys(target, options, new AbortController().signal)
}

async function keysOf(target: HostTarget) {
  const shown = await scan(target)
  if ('kind' in shown) throw new Error(shown.message)
  return shown
}

describe('trusting a host', () => {
  test('shows every key of the host, without an attempt to sign in', async () => {
    const before = sshd.authenticationAttempts()
    const shown = await keysOf(sshd.target('web-server', { hostKeys: [] }))
    expect(shown.map(({ keyType, verdict }) => [keyType, verdict])).toEqual([
      ['ssh-ed25519', 'unknown'],
      ['ssh-rsa', 'unknown'],
    ])
    expect(shown[0]?.fingerprint).toBe(sshd.hostKeyFingerprint)
    expect(sshd.authenticationAttempts()).toBe(before)
  })

  test('writes a file only its owner can read, and the host can be used from then on', async () => {
    const target = sshd.target('web-server', { hostKeys: [] })
    await trustHost(target, await keysOf(target), knownHosts)
    expect(statSync(knownHosts).mode & 0o777).toBe(0o600)
    expect(statSync(join(directory, 'own')).mode & 0o777).toBe(0o700)
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${sshd.knownHostsLine}\n`)
    const bridge = sshRunner([target], { knownHostsFiles: [knownHosts] })
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'exited', code: 0 } })
    bridge.close()
    expect((await keysOf(target)).map(({ verdict }) => verdict)).toEqual(['trusted', 'trusted'])
  })

  test('replaces what was known of the host and leaves all other lines alone', async () => {
    const target = sshd.target('web-server', { hostKeys: [] })
    const other =
      '# a comment\n192.0.2.10 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINotAKeyButLongEnoughToStandForOneHere00'
    const old = sshd.knownHostsLine
    writeFileSync(knownHosts, `${other}\n${old}\n`)
    await sshd.restartWithOtherHostKey()
    const shown = await keysOf(target)
    expect(shown.map(({ verdict }) => verdict)).toEqual(['changed', 'changed'])
    await trustHost(target, shown, knownHosts)
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${other}\n${sshd.knownHostsLine}\n`)
  })

  test('of which nothing answers says so', async () => {
    const target = sshd.target('web-server', { port: await freePort() })
    expect(await scan(target)).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
  })
})
