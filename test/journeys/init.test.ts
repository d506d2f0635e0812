import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../kit/free-port.ts'
import { type NewHome, newHome, sshBlock } from '../kit/init-parts.ts'
import { run } from '../kit/mcp-client.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { CTRL_C } from '../kit/terminal-program.ts'

const WHICH = 'may assistants use?'
const SAME = 'the same there'
const WAY = 'How is it used?'
const MAY = 'What may assistants do there?'
const TOLD = 'about the bridge?'

let sshds: readonly Sshd[]
let sshd: Sshd
let home: NewHome

beforeAll(async () => {
  const config = ['Subsystem sftp internal-sftp']
  sshds = await Promise.all(Array.from({ length: 10 }, () => startSshd({ config })))
  sshd = sshds[0] as Sshd
})

beforeEach(() => {
  home = newHome()
})

afterEach(() => home.remove())
afterAll(() => Promise.all(sshds.map((one) => one.stop())))

/** The first command of the client whose file was written. */
async function firstCommand(file: string, host: string): Promise<string> {
  const { command, args } = JSON.parse(readFileSync(file, 'utf8')).mcpServers.ssh
  const client = new Client({ name: 'first', version: '1.0.0' })
  const env = { PATH: process.env.PATH ?? '', HOME: home.path }
  await client.connect(new StdioClientTransport({ command, args, env, cwd: '/', stderr: 'ignore' }))
  try {
    return (await run(client, host, 'uname -s')).stdout
  } finally {
    await client.close()
  }
}

describe('at a terminal', () => {
  test('ten hosts of ~/.ssh/config: five answers, and a client of this machine runs its first command', async () => {
    home.write('.ssh/config', sshds.map((one, index) => sshBlock(`web-${index}`, one)).join(''))
    home.write('.cursor/mcp.json', '{"mcpServers": {}}\n')
    const terminal = home.inTerminal()
    await terminal.answer(WHICH, '')
    const keys = await terminal.answer(SAME, 'all')
    for (const one of sshds) expect(keys).toContain(one.hostKeyFingerprint)
    expect(keys).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
    const tried = await terminal.answer(WAY, '')
    expect(tried.match(/✔ web-\d: Commands run/g)).toHaveLength(10)
    await terminal.answer(MAY, '')
    await terminal.answer(TOLD, '')
    expect(await terminal.ended).toBe(0)
    expect(terminal.written()).toMatch(/Next:\r\n(?: {2}.*\r\n){3}$/)
    expect(statSync(join(home.path, 'config.yaml')).mode & 0o777).toBe(0o600)
    expect(home.run('validate')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('10 hosts') })
    expect(await firstCommand(join(home.path, '.cursor/mcp.json'), 'web-7')).toBe('Linux\n')
  })

  test('an empty machine: a host is typed, and wrong answers are told and asked again', async () => {
    const terminal = home.inTerminal()
    await terminal.answer('Address of the host', 'two words')
    await terminal.until('write a name or an IP address')
    await terminal.answer('Address of the host', `${sshd.username}@127.0.0.1:${sshd.port}`)
    await terminal.answer('What assistants call it [server]', 'lab 1')
    await terminal.until('write 1 to 63 letters')
    await terminal.answer('What assistants call it', 'lab')
    await terminal.until('ssh-keygen -t ed25519')
    await terminal.answer('Private key', '/nowhere/key')
    await terminal.until('does not exist')
    await terminal.answer('Private key', sshd.clientKeyPath)
    await terminal.answer(SAME, (sshds[1] as Sshd).hostKeyFingerprint)
    await terminal.until('trust none that differs')
    await terminal.answer(SAME, sshd.hostKeyFingerprint)
    await terminal.until('✔ lab')
    await terminal.answer(WAY, '7')
    await terminal.until('none of them: write stdio, embedded, provider, api-key, or a number from 1 to 4')
    await terminal.answer('Which one?', '1')
    await terminal.answer(MAY, 'read-only')
    expect(await terminal.ended).toBe(0)
    expect(home.config()).toContain('name: lab')
    expect(home.config()).not.toContain('effect: approve')
    expect(home.run('validate')).toMatchObject({ code: 0, err: '' })
  })

  test.each([
    ['the first question', []],
    ['the question about keys', [[WHICH, '']]],
    [
      'the last question before it is written',
      [
        [WHICH, ''],
        [SAME, 'all'],
        [WAY, ''],
      ],
    ],
  ])(
    'Ctrl-C at %s leaves no file, not even a part of one',
    async (_, answers) => {
      home.write('.ssh/config', sshBlock('web-1', sshd))
      const terminal = home.inTerminal()
      for (const [question = '', line = ''] of answers) await terminal.answer(question, line)
      await terminal.until(/: \u001b\[\d+G/)
      terminal.press(CTRL_C)
      expect(await terminal.ended).toBe(1)
      expect(terminal.written()).toContain('No configuration was written.')
      expect(home.files()).toEqual([])
    },
    60_000,
  )

  test('Ctrl-C while a host keeps silent ends it at once, and leaves no file', async () => {
    const silent = createServer(() => undefined)
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const { port } = silent.address() as { port: number }
    home.write('.ssh/config', sshBlock('silent', sshd, { Port: port }))
    const terminal = home.inTerminal()
    await terminal.answer(WHICH, '')
    await terminal.until('Asking for host keys: 0% (0 of 1 hosts)')
    terminal.press(CTRL_C)
    expect(await terminal.ended).not.toBe(0)
    expect(home.files()).toEqual([])
    silent.close()
  })

  test('a file that is there is replaced only when that is said, and what it held is kept', async () => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    home.write('config.yaml', 'hosts: []\n')
    const first = home.inTerminal('--yes')
    expect(await first.ended).toBe(2)
    const second = home.inTerminal()
    await second.answer('Replace it?', '')
    expect(await second.ended).toBe(2)
    expect(home.config()).toBe('hosts: []\n')
    const third = home.inTerminal()
    await third.answer('Replace it?', 'yes')
    for (const question of [WHICH, SAME, 'not work yet', WAY, MAY]) await third.answer(question, '')
    expect(await third.ended).toBe(0)
    expect(home.config()).toContain('web-1')
    const [copy = ''] = home.files().filter((name) => name.endsWith('.bak'))
    expect(readFileSync(join(home.path, copy), 'utf8')).toBe('hosts: []\n')
  })
})

describe('without a terminal', () => {
  const init = (...args: string[]) => home.run('init', '--yes', '--connect', 'none', ...args)

  test('what nobody can be asked is named with the option that answers it', () => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    const { code, err } = home.run('init')
    expect([code, home.has('config.yaml')]).toEqual([2, false])
    expect(err).toMatch(/nobody can be asked "Which of them may assistants use.*write --hosts, or --yes/)
  })

  test('--yes trusts no key by itself; a fingerprint that was compared is trusted, and nothing else', () => {
    home.write('.ssh/config', sshBlock('web-1', sshd) + sshBlock('web-2', sshds[1] as Sshd))
    const untold = init()
    expect(untold.code).toBe(0)
    expect(untold.out).toMatch(/✘ web-1: Its host key is not trusted yet/)
    expect(home.trusted()).toBe('')
    const told = init('--force', '--trust', sshd.hostKeyFingerprint)
    expect(told.out).toMatch(/✔ web-1/)
    expect(told.out).toMatch(/✘ web-2: Its host key is not trusted yet/)
    expect(home.trusted().trim().split('\n')).toEqual([sshd.knownHostsLine])
  })

  test('a host that shows another key than the trusted one is refused and explained, whatever is asked', () => {
    const [, type, key] = (sshds[1] as Sshd).knownHostsLine.split(' ')
    const line = `[127.0.0.1]:${sshd.port} ${type} ${key}\n`
    home.write('.ssh/config', sshBlock('web-1', sshd))
    home.write('.ssh/known_hosts', line)
    const attempts = sshd.authenticationAttempts()
    const { code, out } = init('--trust', 'all')
    expect(code).toBe(0)
    expect(out).toMatch(/✘ web-1: It shows another host key than the one that is trusted/)
    expect(out).toContain('Compare it on the host')
    expect(home.trusted()).toBe('')
    expect(readFileSync(join(home.path, '.ssh/known_hosts'), 'utf8')).toBe(line)
    expect(sshd.authenticationAttempts()).toBe(attempts)
    expect(home.config()).toMatch(/# Left out.*another host key[\s\S]*# - name: web-1/)
  })

  test('a host that is down is told with what to do, and stays or becomes a comment', async () => {
    const port = await freePort()
    home.write('.ssh/config', sshBlock('web-1', sshd) + sshBlock('down', sshd, { Port: port }))
    const kept = init('--trust', 'all')
    expect(kept.out).toMatch(/✘ down: It cannot be reached.*\n.*ECONNREFUSED.*\n {6}fix: {2}Start sshd there/)
    expect(kept.out).toContain('written and valid: 2 hosts')
    const left = init('--force', '--keep', 'none')
    expect(left.out).toContain('written and valid: 1 host.')
    expect(home.config()).toMatch(/^ {2}# - name: down$/m)
    expect(home.run('validate').code).toBe(0)
  })

  test('a host that refuses the key is told with the key, and with how to put it there', () => {
    const other = sshds[1] as Sshd
    home.write('.ssh/config', sshBlock('web-1', sshd, { IdentityFile: other.clientKeyPath }))
    const { out } = init('--trust', 'all')
    expect(out).toContain(`✘ web-1: It refuses the key ${other.clientKeyPath}`)
    expect(out).toContain('ssh-copy-id')
  })

  test('a default key that the host does not take makes way for the agent, as with ssh', async () => {
    const socket = join(home.path, 'agent.sock')
    const agent = spawn('ssh-agent', ['-D', '-a', socket])
    await once(agent.stdout, 'data')
    execFileSync('ssh-add', ['-q', sshd.clientKeyPath], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
    home.env.SSH_AUTH_SOCK = socket
    home.write('.ssh/id_ed25519', readFileSync((sshds[1] as Sshd).clientKeyPath, 'utf8'))
    home.write('.ssh/config', sshBlock('web-1', sshd).replace(/ {2}IdentityFile .*\n/, ''))
    const { out } = init('--trust', 'all')
    agent.kill()
    expect(out).toMatch(/✔ web-1: Commands run/)
    expect(home.config()).toMatch(/^ {4}agent: true$/m)
    expect(home.config()).not.toContain('private_key_path')
  })

  test('with rules that only let look, `hosts test` still tries the hosts', () => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    init('--trust', 'all', '--rules', 'read-only')
    expect(home.run('hosts', 'test')).toMatchObject({ code: 0, out: expect.stringMatching(/^✔ web-1/) })
  })

  test('a jump host that nobody chose comes along, and the rules keep it from assistants', () => {
    const far = sshds[1] as Sshd
    home.write('.ssh/config', sshBlock('bastion', sshd) + sshBlock('far', far, { ProxyJump: 'bastion' }))
    const { code, out } = init('--hosts', 'far', '--trust', 'all', '--rules', 'all')
    expect([code, out]).toEqual([0, expect.stringMatching(/✔ far: Commands run/)])
    const check = (host: string) =>
      home.run('policy', 'check', '--as', 'anybody', '--host', host, '--', 'uptime').out
    expect(check('far')).toMatch(/^allow/)
    expect(check('bastion')).toMatch(/^deny/)
  })

  test.each([
    ['a place below a file', (path: string) => `${path}/.ssh/config/config.yaml`],
    ['a directory', (path: string) => path],
    ['a place of the system', () => '/proc/bridge/config.yaml'],
  ])('%s is told before anything is asked, exit 2', (_, place) => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    const { code, err, out } = init(place(home.path))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/(?:cannot be written \(E\w+\)|is not a file): write another path/)
  })

  test.each([
    [['--rules', 'nothing'], '--rules "nothing": "nothing" is none of them: write read-only, ask, all, or'],
    [['--http', '--port', 'x'], '--port "x": write a port'],
    [['--stdio', '--http'], '--stdio is for a bridge at home'],
  ])('an option that can be no answer is told before any host is asked: %j', (args, why) => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    const { code, err, out } = init(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(why)
  })

  test.each([
    ['read-only', ['allow', 'deny']],
    ['ask', ['allow', 'approve']],
    ['all', ['allow', 'allow']],
  ])('--rules %s says what it promises', (rules, expected) => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    expect(init('--rules', rules).code).toBe(0)
    const said = ['uptime', 'reboot'].map(
      (command) =>
        /^\w+/.exec(
          home.run('policy', 'check', '--as', 'anybody', '--host', 'web-1', '--', command).out,
        )?.[0],
    )
    expect(said).toEqual(expected)
    expect(home.run('validate')).toMatchObject({ code: 0, err: '' })
  })

  test('with the built-in login the first person gets a link, and their rights', () => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    const { code, out } = init(
      '--login',
      'embedded',
      '--public-url',
      'https://ssh-mcp.example.com/mcp',
      '--first-person',
      'Alice',
    )
    expect(code).toBe(0)
    expect(out).toMatch(
      /open https:\/\/ssh-mcp\.example\.com\/oauth\/set-up\/\S{43} and choose your password/,
    )
    const { users } = JSON.parse(home.run('users', 'list', '--json').out)
    expect(users).toMatchObject([
      { username: 'alice', scopes: expect.arrayContaining(['mcp:execute', 'mcp:approve']) },
    ])
    expect(home.run('validate')).toMatchObject({ code: 0, err: '' })
  })

  test('with an API key only its hash is in the configuration; the key is in a file of its own, and shown nowhere', () => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    const { code, out } = init('--login', 'api-key')
    const key = readFileSync(join(home.path, 'config.api-key'), 'utf8').trim()
    expect([code, key]).toEqual([0, expect.stringMatching(/^smb_[0-9a-f]{32}$/)])
    expect(statSync(join(home.path, 'config.api-key')).mode & 0o777).toBe(0o600)
    expect(out + home.config()).not.toContain(key)
    expect(home.run('validate')).toMatchObject({ code: 0, err: '' })
    // Whoever begins again goes on with the same key.
    init('--force', '--login', 'api-key')
    expect(readFileSync(join(home.path, 'config.api-key'), 'utf8').trim()).toBe(key)
  })

  test('with a provider its issuer stands there exactly, and nobody is added here', () => {
    home.write('.ssh/config', sshBlock('web-1', sshd))
    const { code } = init(
      '--login',
      'https://example.eu.auth0.com/',
      '--public-url',
      'https://ssh-mcp.example.com',
    )
    expect(code).toBe(0)
    expect(home.config()).toContain('issuer: https://example.eu.auth0.com/\n')
    expect(home.config()).toContain('audience: https://ssh-mcp.example.com/mcp\n')
    expect(home.run('validate')).toMatchObject({ code: 0, err: '' })
  })

  test('an address and a key are enough where there is no ~/.ssh/config', () => {
    const place = `${sshd.username}@127.0.0.1:${sshd.port}`
    const { code, out } = init(
      '--address',
      place,
      '--key',
      sshd.clientKeyPath,
      '--trust',
      sshd.hostKeyFingerprint,
    )
    expect([code, out]).toEqual([0, expect.stringMatching(/✔ server: Commands run/)])
  })
})
