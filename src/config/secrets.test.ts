import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { loadConfig } from './load-config.ts'
import { problemLine } from './problem.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

async function load(text: string, env: Record<string, string> = {}, mode = 0o600) {
  const result = await loadConfig(folder.write('config.yaml', text, mode), env, { home: folder.home })
  return {
    config: result.ok ? result.config : undefined,
    lines: result.ok ? [] : result.problems.map((one) => problemLine(one).replaceAll(`${folder.path}/`, '')),
  }
}

const CANARY = 'hunter2canary'
const HOST = 'name: a, host: a, username: b'

describe('no message holds a secret', () => {
  test.each([
    ['a password where a list is expected', `hosts: [{${HOST}, password: [${CANARY}]}]`],
    ['a password as a mapping', `hosts: [{${HOST}, password: {${CANARY}: 1}}]`],
    ['a password that is an alias', `hosts: [{${HOST}, password: *${CANARY}}]`],
    ['a password that is a tag', `hosts: [{${HOST}, password: !${CANARY} x}]`],
    ['a password without its closing quote', `hosts:\n  - name: a\n    password: "${CANARY}\n    host: b`],
    ['a password after a missing colon', `hosts:\n  - name: a\n    password ${CANARY}\n    host: b`],
    [
      'a password after a missing colon at the end of a host',
      `hosts:\n  - name: a\n    host: b\n    username: c\n    password ${CANARY}\n`,
    ],
    ['a key after a missing space', `server:\n  api_key:${CANARY}`],
    ['a key after a missing space in braces', `server: {api_key:${CANARY}, port: 1}`],
    ['a key with an equals sign', `server:\n  api_key=${CANARY}\n  port: 1`],
    ['a key that is a number', 'server: {api_key: 12345678901234567}'],
    ['a key that is too short', 'server: {api_key: hunter2}'],
    ['a passphrase in a mistyped key', `hosts: [{${HOST}, agent: /a, pasphrase: ${CANARY}}]`],
    ['a sudo password without its key', `hosts: [{${HOST}, agent: /a, sudo: ${CANARY}}]`],
    ['a sudo password as a list', `hosts: [{${HOST}, agent: /a, sudo: {password: [${CANARY}]}}]`],
    ['a sudo password in a mistyped key', `hosts: [{${HOST}, agent: /a, sudo: {pasword: ${CANARY}}}]`],
    ['a sudo password as a key', `hosts: [{${HOST}, agent: /a, sudo: {${CANARY}: 1}}]`],
    ['an answer as a list', `hosts: [{${HOST}, agent: /a, answers: [{prompt: p, answer: [${CANARY}]}]}]`],
    [
      'an answer in a mistyped key',
      `hosts: [{${HOST}, agent: /a, answers: [{prompt: p, anser: ${CANARY}}]}]`,
    ],
    ['an answer where the list belongs', `hosts: [{${HOST}, agent: /a, answers: ${CANARY}}]`],
    ['an answer without a mapping', `hosts: [{${HOST}, agent: /a, answers: [${CANARY}]}]`],
    [
      'a TOTP secret that is no base32',
      `hosts: [{${HOST}, agent: /a, answers: [{prompt: p, totp_secret: ${CANARY}}]}]`,
    ],
    [
      'a TOTP secret from the environment that is no base32',
      `hosts: [{${HOST}, agent: /a, answers: [{prompt: p, totp_secret: "\${env:SECRET}"}]}]`,
    ],
    [
      'an answer beside a TOTP secret',
      `hosts: [{${HOST}, agent: /a, answers: [{prompt: p, answer: ${CANARY}, totp_secret: JBSWY3DPEHPK3PXP}]}]`,
    ],
    [
      'a password that stands in another place too',
      `hosts: [{name: a, host: "${CANARY}:22", username: b, password: ${CANARY}}]`,
    ],
    ['a user and password in an address', `server: {public_url: "https://admin:${CANARY}@example.com"}`],
    ['a duplicate password', `hosts: [{${HOST}, password: abcdefgh, password: ${CANARY}}]`],
    ['a value from the environment in the wrong place', `server: {port: "\${env:SECRET}"}`],
    ['a value from the environment as a choice', `server: {log_level: "\${env:SECRET}"}`],
    ['a key where its path belongs', `hosts: [{${HOST}, private_key_path: "\${env:SECRET}"}]`],
    [
      'a key written where its path belongs',
      `hosts:\n  - name: a\n    host: b\n    username: c\n    private_key_path: |\n      -----BEGIN PRIVATE KEY-----\n      ${CANARY}\n`,
    ],
  ])('%s', async (_title, text) => {
    const { lines } = await load(text, { SECRET: CANARY })
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toMatch(/hunter2|1234567890|PRIVATE/)
  })

  test('a password that reads as a truth value', async () => {
    expect((await load(`hosts: [{${HOST}, password: true}]`)).lines).toEqual([
      'config.yaml:1:51: `password` must be a text',
    ])
  })

  test('an API key of the environment', async () => {
    const { lines } = await load('', { SSH_MCP_API_KEY: 'hunter2', AUTH_MODE: CANARY, SSH_MCP_PORT: CANARY })
    expect(lines).toHaveLength(3)
    expect(lines.join('\n')).not.toContain('hunter2')
  })

  test('a wrong value that is no secret is shown, so that it can be found', async () => {
    expect((await load('server: {log_level: hunter}')).lines[0]).toContain('`hunter`')
  })
})

describe('every credential of the file is known to redaction', () => {
  test('passwords, passphrases, sudo passwords, answers and TOTP secrets, from wherever they came', async () => {
    folder.write('secrets/sudo', 'sudo-of-a-file\n')
    const { config, lines } = await load(
      `hosts:
  - {name: a, host: a, username: u, password: password-of-a, sudo: {password: "\${file:secrets/sudo}"}}
  - name: b
    host: b
    username: u
    agent: /a
    sudo: nopasswd
    answers: [{prompt: code, totp_secret: "\${env:TOTP}"}, {prompt: pin, answer: "\${env:PIN}"}]
`,
      { TOTP: 'jbsw y3dp ehpk 3pxp', PIN: 'pin-of-b' },
    )
    expect(lines).toEqual([])
    expect(config?.secrets).toEqual(['password-of-a', 'sudo-of-a-file', 'JBSWY3DPEHPK3PXP', 'pin-of-b'])
  })

  test('a sudo password and an answer written out in an open file are found', async () => {
    const open = (keys: string) => load(`hosts: [{${HOST}, agent: /a, ${keys}}]`, {}, 0o644)
    for (const keys of [
      'sudo: {password: abcdefgh}',
      'answers: [{prompt: p, answer: abcdefgh}]',
      'answers: [{prompt: p, totp_secret: JBSWY3DPEHPK3PXP}]',
    ])
      expect((await open(keys)).lines).toEqual([expect.stringContaining('a secret is written here')])
    expect((await open('sudo: nopasswd')).lines).toEqual([])
  })
})

describe('references', () => {
  test('${env:…} and ${file:…} stand in any text, whole or in part', async () => {
    folder.write('secrets/password', 'from a file\n')
    const { config, lines } = await load(
      `hosts: [{name: "web-\${env:STAGE}", host: a, username: b, password: "\${file:secrets/password}"}]
server: {api_key: "\${env:A}-\${env:B}"}`,
      { STAGE: 'prod', A: '01234567', B: '89abcdef' },
    )
    expect(lines).toEqual([])
    expect(config?.hosts[0]?.host.name).toBe('web-prod')
    expect(config?.hosts[0]?.credential).toEqual({ kind: 'password', password: 'from a file' })
    expect(config?.secrets).toEqual(['01234567-89abcdef', 'from a file'])
  })

  test('a text that looks like one, but is none, stays as it is', async () => {
    const { config } = await load(`hosts: [{${HOST}, password: "\${HOME} $env:X {file:y}"}]`)
    expect(config?.hosts[0]?.credential).toMatchObject({ password: '${HOME} $env:X {file:y}' })
  })

  test.each([
    ['${env:NOT_SET}', 'the environment variable NOT_SET is not set'],
    ['${env:}', 'must name an environment variable'],
    ['${env:NOT CLOSED', 'has no closing }'],
    ['${file:none}', 'the file none does not exist'],
    ['${file:}', 'must name a file'],
    ['${file:home}', 'the file home is not a file'],
    ['${file:open}', 'the secret file open can be read by others (mode 0644): run chmod 600 open'],
    ['${file:group file}', "run chmod 600 'group file'"],
    ['${file:empty}', 'is empty'],
  ])('%s is told once, at its place', async (reference, told) => {
    folder.write('open', 'secret-in-an-open-file', 0o644)
    folder.write('group file', 'secret', 0o640)
    folder.write('empty', '\n')
    const { lines } = await load(`hosts:\n  - {${HOST}, password: "${reference}"}`)
    expect(lines).toEqual([expect.stringMatching(/^config\.yaml:2:47: /)])
    expect(lines[0]).toContain(told)
  })
})

describe('files that others can read', () => {
  const key = (mode: number) => {
    folder.write('key', '-----BEGIN PRIVATE KEY-----\n', mode)
    return load(`hosts: [{${HOST}, private_key_path: key}]`)
  }

  test('a private key that group or world can read is told with the chmod to run', async () => {
    expect((await key(0o640)).lines).toEqual([
      'config.yaml:1:59: the private key key can be read by others (mode 0640): run chmod 600 key',
    ])
    expect((await key(0o604)).lines).toHaveLength(1)
    expect((await key(0o400)).lines).toEqual([])
  })

  test('a configuration that holds a secret must be private', async () => {
    const text = `hosts: [{${HOST}, password: abcdefgh}]`
    expect((await load(text, {}, 0o644)).lines).toEqual([
      'config.yaml:1:51: a secret is written here, and others can read this file (mode 0644): run chmod 600 config.yaml, or write ${env:NAME} or ${file:PATH} instead',
    ])
    expect((await load(text, {}, 0o600)).lines).toEqual([])
  })

  test('a configuration with references alone may be read by all', async () => {
    const text = `hosts: [{${HOST}, password: "\${env:P}"}]\nserver: {api_keys: [{name: a, sha256: ${'a'.repeat(64)}}]}`
    expect((await load(text, { P: 'abcdefgh' }, 0o644)).lines).toEqual([])
  })
})
