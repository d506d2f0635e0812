import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { SECRET_KINDS } from '../domain/secret-kind.ts'
import { loadConfig } from './load-config.ts'
import { problemLine } from './problem.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

async function load(text: string) {
  const result = await loadConfig(folder.write('config.yaml', text), {}, { home: folder.home })
  return {
    config: result.ok ? result.config : undefined,
    lines: result.ok ? [] : result.problems.map((one) => problemLine(one).replaceAll(`${folder.path}/`, '')),
  }
}

async function hostOf(keys: string, rest = '') {
  const { config, lines } = await load(
    `hosts: [{name: a, host: a, username: u, agent: /a${keys && `, ${keys}`}}]\n${rest}`,
  )
  expect(lines).toEqual([])
  const target = config?.hosts[0]
  if (target === undefined) throw new Error('no host')
  return { ...target, warnings: config?.warnings.join('\n') ?? '' }
}

async function mistakesOf(keys: string, rest = '') {
  return (await load(`hosts: [{name: a, host: a, username: u, agent: /a, ${keys}}]\n${rest}`)).lines
}

describe('what a host allows', () => {
  test('nothing beyond commands, unless it says so', async () => {
    const target = await hostOf('')
    expect(target).toMatchObject({
      host: { allowsSudo: false, allowsTerminal: false },
      platform: 'auto',
      algorithms: 'modern',
      answers: [],
    })
    expect(target).not.toHaveProperty('sudo')
    expect(target).not.toHaveProperty('proxyCommand')
  })

  test('sudo without a password, or with one', async () => {
    expect(await hostOf('sudo: nopasswd')).toMatchObject({
      host: { allowsSudo: true },
      sudo: { kind: 'nopasswd' },
    })
    expect(await hostOf('sudo: {password: open sesame}')).toMatchObject({
      host: { allowsSudo: true },
      sudo: { kind: 'password', password: 'open sesame' },
    })
    expect((await hostOf('sudo: {password: abc}')).warnings).toContain('too short to be redacted')
  })

  test.each([
    ['sudo: yes', '`sudo` must be nopasswd or a mapping of keys'],
    ['sudo: {}', '`password` is missing'],
    ['sudo: {pasword: abcdefgh}', 'unknown key `pasword`: did you mean `password`?'],
    ['sudo: {password: 123456}', '`password` must be a text: put it in quotes'],
    ['terminal: maybe', '`terminal` is `maybe`, but must be true or false'],
    ['platform: linux', '`platform` is `linux`, but must be one of auto, posix, windows, network'],
    ['algorithms: old', 'must be one of modern, legacy'],
    ['answers: [{prompt: p}]', 'there is nothing to answer: add answer or totp_secret'],
    ['answers: [{answer: abcdefgh}]', '`prompt` is missing'],
    ['answers: [{prompt: p, totp_secret: JBSWY3DPEHPK3PX1}]', 'must be a base32 secret'],
    ['answers: [{prompt: p, totp_secret: JBSWY3DP}]', 'must be a base32 secret'],
    ['answers: [{prompt: p, answer: a, totp_secret: JBSWY3DPEHPK3PXP}]', 'a question has one answer'],
    ['platform: windows, execution_mode: shell', 'shell mode needs a POSIX shell, and platform is windows'],
    ['platform: network, sudo: nopasswd', 'sudo needs a POSIX host, and platform is network'],
  ])('%s is told', async (keys, told) => {
    expect(await mistakesOf(keys)).toEqual([expect.stringContaining(told)])
  })

  test('terminals, a platform and old algorithms, with a warning about the last', async () => {
    const target = await hostOf('terminal: true, platform: network, algorithms: legacy')
    expect(target).toMatchObject({
      host: { allowsTerminal: true },
      platform: 'network',
      algorithms: 'legacy',
    })
    expect(target.warnings).toContain('SHA-1 and CBC')
  })

  test('questions are answered with a text or with a code, in the order of the list', async () => {
    const target = await hostOf(
      'answers: [{prompt: PIN, answer: "1234"}, {prompt: code, totp_secret: "jbsw y3dp-ehpk 3pxp===="}]',
    )
    expect(target.answers).toEqual([
      { prompt: 'PIN', answer: '1234' },
      { prompt: 'code', totpSecret: 'JBSWY3DPEHPK3PXP' },
    ])
  })
})

describe('proxy_command', () => {
  test('is taken where programs of this machine may be run', async () => {
    const target = await hostOf('proxy_command: nc %h %p', 'ssh: {allow_proxy_command: true}\n')
    expect(target.proxyCommand).toBe('nc %h %p')
  })

  test('is refused everywhere else, with the key that would allow it', async () => {
    const told = [expect.stringContaining('allow it with ssh.allow_proxy_command: true')]
    expect(await mistakesOf('proxy_command: nc %h %p')).toEqual(told)
    expect(await mistakesOf('proxy_command: nc %h %p', 'ssh: {allow_proxy_command: false}\n')).toEqual(told)
  })

  test('does not go with a jump', async () => {
    const text =
      'ssh: {allow_proxy_command: true}\nhosts: [{name: b, host: b, username: u, agent: /a}, {name: a, host: a, username: u, agent: /a, jump: b, proxy_command: x}]\n'
    expect((await load(text)).lines).toEqual([expect.stringContaining('by proxy_command or by jump')])
  })
})

describe('bounds', () => {
  test('are these when nothing is written', async () => {
    const { config } = await load('')
    expect(config?.limits).toMatchObject({
      outputBytes: 32_768,
      waitMs: 45_000,
      timeoutMs: 3_600_000,
      maxTimeoutMs: 86_400_000,
    })
    expect(config?.commands).toEqual({
      retentionMs: 86_400_000,
      outputBytes: 134_217_728,
      totalOutputBytes: 2_147_483_648,
      maxRunning: 100,
      maxKept: 10_000,
    })
    expect(config?.fanOut).toEqual({ maxHosts: 5_000, maxParallel: 50 })
    expect(config?.files).toEqual({
      readBytes: 262_144,
      maxBytes: 8_388_608,
      transferBytes: 10_737_418_240,
      linkTtlMs: 900_000,
      undo: { retentionMs: 604_800_000, totalBytes: 268_435_456 },
    })
    expect(config?.redaction).toEqual({
      recognise: new Set(SECRET_KINDS),
      extra: [],
      handles: { ttlMs: 3_600_000, max: 1_000 },
    })
  })

  test('are the bridge’s own units afterwards', async () => {
    const { config } = await load(`limits: {wait: 10, timeout: 20, max_timeout: 30}
commands: {retention: 2, output_bytes: 65536, total_output_bytes: 1048576, max_running: 3, max_kept: 4}
fan_out: {max_hosts: 5, max_parallel: 6}
files: {read_bytes: 1024, max_bytes: 2048, transfer_bytes: 4096, link_ttl: 60}
redaction: {handles: {ttl: 120, max: 7}}
`)
    expect(config).toMatchObject({
      limits: { waitMs: 10_000, timeoutMs: 20_000, maxTimeoutMs: 30_000 },
      commands: {
        retentionMs: 7_200_000,
        outputBytes: 65_536,
        totalOutputBytes: 1_048_576,
        maxRunning: 3,
        maxKept: 4,
      },
      fanOut: { maxHosts: 5, maxParallel: 6 },
      files: { readBytes: 1_024, maxBytes: 2_048, transferBytes: 4_096, linkTtlMs: 60_000 },
      redaction: { handles: { ttlMs: 120_000, max: 7 } },
    })
  })

  test('a smaller one wins over the default of one that lies within it', async () => {
    const { config } = await load('limits: {max_timeout: 600}\ncommands: {total_output_bytes: 1048576}\n')
    expect(config?.limits.timeoutMs).toBe(600_000)
    expect(config?.commands.outputBytes).toBe(1_048_576)
  })

  test('a wait longer than clients wait for an answer is refused', async () => {
    expect((await load('limits: {wait: 601}\n')).lines).toEqual([
      'config.yaml:1:16: `wait` is 601, but must be a whole number from 1 to 600',
    ])
  })
})
