import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { processesWith } from '../../../test/kit/remote-processes.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-proxy-command-'))
const script = join(directory, 'way.mjs')
const wrote = join(directory, 'wrote')
const open: { close(): void }[] = []
let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
  writeFileSync(
    script,
    `import { connect } from 'node:net'
     import { writeFileSync } from 'node:fs'
     const [host, port, ...more] = process.argv.slice(2)
     writeFileSync(${JSON.stringify(wrote)}, JSON.stringify([host, port, ...more, process.env.SSH_MCP_API_KEY ?? 'unset']))
     console.error('on the way to ' + host)
     const socket = connect(Number(port), host)
     process.stdin.pipe(socket).pipe(process.stdout)`,
  )
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(async () => {
  await sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})

function through(proxyCommand: string, overrides: Parameters<Sshd['target']>[1] = {}) {
  const bridge = sshRunner([sshd.target('web-server', { proxyCommand, ...overrides })], {
    connectTimeoutMs: 2_000,
  })
  open.push(bridge)
  return bridge
}

const way = `${process.execPath} ${script}`
const exited = { end: { how: 'exited', code: 0 } }

describe('a proxy command', () => {
  test('is the way to the host, is told where to, and nothing of the bridge', async () => {
    process.env.SSH_MCP_API_KEY = 'canary'
    try {
      const bridge = through(`${way} %h %p %r %n 100%%`)
      expect(await bridge.run('echo through; cat', { stdin: 'x'.repeat(300_000) })).toMatchObject(exited)
    } finally {
      delete process.env.SSH_MCP_API_KEY
    }
    expect(JSON.parse(readFileSync(wrote, 'utf8'))).toEqual([
      '127.0.0.1',
      String(sshd.port),
      sshd.username,
      'web-server',
      '100%',
      'unset',
    ])
  })

  test('says what it says to the operator, and is ended with the connection', async () => {
    const bridge = through(`exec ${way} %h %p end-with-it`)
    expect(await bridge.run('true')).toMatchObject(exited)
    expect(processesWith('end-with-it')).toHaveLength(1)
    expect(bridge.log.lines.join()).toContain('on the way to 127.0.0.1')
    bridge.close()
    await expect.poll(() => processesWith('end-with-it')).toEqual([])
  })

  test.each([
    ['that ends at once', 'exit 3', {}],
    ['that is not there', '/nowhere/way %h', {}],
    ['that says nothing', 'sleep 4712.5', {}],
    ['whose words a shell would read', `${way} %h %p`, { address: 'localhost;touch /tmp/x' }],
    ['whose words look like an option', `${way} %h %p %r`, { username: '-oProxyCommand=x' }],
  ])('%s makes the host unreachable, and leaves nothing', async (_what, command, overrides) => {
    const ran = await through(command, overrides).run('true')
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
    await expect.poll(() => processesWith('sleep 4712.5')).toEqual([])
  })

  test('that dies amid a command leaves it unknown', async () => {
    const bridge = through(`exec ${way} %h %p dies-amid`)
    const running = bridge.run('echo begun; sleep 30', {
      onOutput: () => process.kill(Number(processesWith('dies-amid')[0]?.trim().split(' ')[0]), 'SIGKILL'),
    })
    expect(await running).toMatchObject({ end: { how: 'unknown' } })
  })
})
