import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnose } from '../../src/app/doctor.ts'
import type { Level } from '../../src/doctor/finding.ts'
import type { DoctorReport } from '../../src/doctor/report-json.ts'
import { expectFound, readConfig, troubleIn } from '../kit/doctor-parts.ts'
import { freePort } from '../kit/free-port.ts'
import { type Home, hostYaml, makeHome } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { type SudoHost, startSudoHost } from '../kit/sudo-user.ts'

const SFTP = 'Subsystem sftp internal-sftp'
/** One that a forced command can start. */
const SFTP_PROGRAM = 'Subsystem sftp /usr/lib/openssh/sftp-server'

let home: Home
let good: Sshd
let other: Sshd
let sudoer: SudoHost
let silent: Server
let report: DoctorReport
const servers: Sshd[] = []

/** What is wrong with a host, and how it is found. */
const SEEDS: readonly (readonly [host: string, check: string, level: Level, fix: RegExp])[] = [
  ['unknown-name', 'host-reach', 'failure', /hosts\[\]\.host of unknown-name/],
  ['refuses', 'host-reach', 'failure', /systemctl start ssh/],
  ['says-nothing', 'host-reach', 'failure', /firewall/],
  ['key-unknown', 'host-key', 'failure', /hosts trust key-unknown/],
  ['key-changed', 'host-key', 'failure', /hosts\[\]\.host_key of key-changed/],
  ['key-revoked', 'host-key', 'failure', /ssh-keygen -A/],
  ['wrong-user', 'host-login', 'failure', /hosts\[\]\.username of wrong-user/],
  ['wrong-key', 'host-login', 'failure', /ssh-copy-id/],
  ['no-passwords', 'host-login', 'failure', /private_key_path for publickey/],
  ['behind-broken', 'host-jump', 'failure', /hosts test broken-hop/],
  ['behind-stranger', 'host-jump', 'failure', /hosts trust stranger-hop/],
  ['no-shell', 'host-shell', 'failure', /chsh -s \/bin\/sh/],
  ['noisy', 'host-noise', 'warning', /\.bashrc/],
  ['no-sftp', 'host-sftp', 'failure', /Subsystem sftp internal-sftp/],
  ['no-sudo', 'host-sudo', 'failure', /visudo/],
  ['late', 'host-clock', 'warning', /timedatectl/],
]

beforeAll(async () => {
  home = await makeHome()
  const start = async (...config: string[]) => {
    const sshd = await startSshd({ config })
    servers.push(sshd)
    return sshd
  }
  good = await start(SFTP)
  other = await start(SFTP)
  const noShell = await start(SFTP, 'ForceCommand /usr/sbin/nologin')
  const noisy = await start(SFTP, 'ForceCommand echo Welcome; eval "$SSH_ORIGINAL_COMMAND"')
  const noSftp = await start()
  const programs = join(home.directory, 'programs')
  mkdirSync(programs)
  writeFileSync(join(programs, 'date'), '#!/bin/sh\nexec /bin/date -d "2 hours ago" "$@"\n', { mode: 0o755 })
  const late = await start(
    SFTP_PROGRAM,
    `ForceCommand export PATH=${programs}:$PATH; eval "$SSH_ORIGINAL_COMMAND"`,
  )
  sudoer = await startSudoHost('zsh', [SFTP_PROGRAM])
  silent = createServer(() => undefined)
  const silentPort = await freePort()
  await new Promise<void>((resolve) => silent.listen(silentPort, '127.0.0.1', resolve))
  const closedPort = String(await freePort())

  const revoked = join(home.directory, 'known_hosts')
  const [name = '', type = '', key = ''] = other.knownHostsLine.split(' ')
  writeFileSync(revoked, `@revoked ${name} ${type} ${key}\n`)
  const wrongKey = other.clientKeyPath
  home.configure(`ssh: {known_hosts: [${revoked}], connect_timeout: 2}
hosts:
${[
  hostYaml('fine', good),
  hostYaml('fine-behind', good, { jump: 'fine' }),
  hostYaml('unknown-name', good, { host: 'no-such-host.invalid' }),
  hostYaml('refuses', good, { port: closedPort }),
  hostYaml('says-nothing', good, { port: String(silentPort) }),
  hostYaml('key-unknown', good, { host_key: '' }),
  hostYaml('key-changed', good, { host_key: other.hostKeyFingerprint }),
  hostYaml('key-revoked', other, { host_key: '' }),
  hostYaml('wrong-user', good, { username: 'nobody-of-that-name' }),
  hostYaml('wrong-key', good, { private_key_path: wrongKey }),
  hostYaml('no-passwords', good, { private_key_path: '', password: 'correct horse battery' }),
  hostYaml('broken-hop', good, { port: closedPort }),
  hostYaml('behind-broken', good, { jump: 'broken-hop' }),
  hostYaml('stranger-hop', good, { host_key: '' }),
  hostYaml('behind-stranger', good, { jump: 'stranger-hop' }),
  hostYaml('no-shell', noShell),
  hostYaml('noisy', noisy),
  hostYaml('no-sftp', noSftp),
  hostYaml('no-sudo', sudoer.sshd, { username: 'ssh-mcp-test', sudo: 'nopasswd' }),
  hostYaml('late', late),
].join('')}`)
  report = await look(SEEDS.map(([host]) => host))
})

afterAll(async () => {
  silent?.close()
  await Promise.all([...servers.map((sshd) => sshd.stop()), sudoer?.stop()])
  await home?.remove()
})

async function look(hosts: readonly string[]): Promise<DoctorReport> {
  const config = await readConfig(home)
  return diagnose({ config, clients: [], hosts, progress: () => {} })
}

describe('doctor finds of a host', () => {
  test.each(SEEDS)('%s: %s', (host, check, level, fix) => {
    const findings = report.findings.filter(({ subject }) => subject === host)
    expectFound({ ...report, findings }, [host, check, level, fix, async () => report])
    const failures = findings.filter((one) => one.level === 'failure').map((one) => one.check)
    expect(failures).toEqual(level === 'failure' ? [check] : [])
  })
})

describe('doctor and hosts', () => {
  test('it says nothing wrong about a good host, also behind another', async () => {
    const healthy = await look(['fine', 'fine-behind'])
    expect(troubleIn(healthy)).toEqual([])
    expect(healthy.findings.filter(({ check }) => check === 'host-sftp')).toHaveLength(2)
  })

  test('a host whose key is not trusted is offered no credential', async () => {
    const before = good.authenticationAttempts()
    await look(['key-unknown', 'key-changed'])
    expect(good.authenticationAttempts()).toBe(before)
  })

  test('what a failure keeps from being looked at names that failure and repeats nothing', () => {
    const skipped = report.findings.filter((one) => one.subject === 'wrong-key' && one.skipped)
    expect(skipped.map(({ check }) => check)).toContain('host-sftp')
    expect(new Set(skipped.map(({ what }) => what))).toEqual(
      new Set(['Not looked at, because host-login failed.']),
    )
  })

  test('what it runs on a host is recorded, as a call of whoever ran it', async () => {
    await look(['fine'])
    const records = home.auditRecords().filter(({ type }) => type === 'call.finished')
    expect(records.length).toBeGreaterThanOrEqual(3)
  })

  test('no secret is in the report', () => {
    expect(JSON.stringify(report)).not.toContain('correct horse battery')
  })
})
