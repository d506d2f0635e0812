import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from '../../src/app/fleet.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { OutputStream } from '../../src/domain/command.ts'
import { hostName } from '../../src/domain/host.ts'
import { Permit } from '../../src/domain/permit.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomId } from '../../src/lib/ids.ts'
import { createSshExecutor, type SshExecutor } from '../../src/ssh/executor.ts'
import { type ConfigFolder, configFolder } from '../kit/config-folder.ts'
import { MemoryChanges } from '../kit/memory-changes.ts'
import { MemorySessions } from '../kit/memory-sessions.ts'
import { rememberedLog } from '../kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let [bastion, inner]: Sshd[] = []
let folder: ConfigFolder
let ssh: SshExecutor | undefined
beforeAll(async () => {
  ;[bastion, inner] = await Promise.all([startSshd(), startSshd()])
  folder = configFolder()
})
afterEach(() => ssh?.close())
afterAll(async () => {
  folder.remove()
  await Promise.all([bastion?.stop(), inner?.stop()])
})

/** An OpenSSH configuration in which `inner` is behind `bastion`, and the bridge's own that takes it over. */
async function imported(way: string, options = ''): Promise<Config> {
  if (bastion === undefined || inner === undefined) throw new Error('no servers')
  folder.write(
    'home/.ssh/config',
    `Host inner
  Port ${inner.port}
  IdentityFile ${inner.clientKeyPath}
  ${way.replace('BASTION_PORT', String(bastion.port))}
Host bastion
  IdentityFile ${bastion.clientKeyPath}
Host *
  HostName 127.0.0.1
  User ${inner.username}
`,
  )
  const known = [bastion, inner].map(({ knownHostsPath }) => knownHostsPath)
  const text = `ssh_config: ~/.ssh/config\nssh: {known_hosts: [${known.join(', ')}]${options}}\nstorage: {directory: state}\n`
  const result = await loadConfig(folder.write('config.yaml', text), {}, { home: folder.home })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

async function run(config: Config, host: string, command: string) {
  const sessionStore = new MemorySessions()
  const settings = { ...config.session, ...config.ssh, files: config.files }
  ssh = createSshExecutor({
    targets: config.hosts,
    settings,
    sessionStore,
    changes: new MemoryChanges(),
    clock: systemClock,
    log: rememberedLog(),
  })
  const principal = {
    issuer: 'https://issuer.example.com/',
    subject: 'one',
    method: 'oauth',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const action = { kind: 'run', host: hostName(host), command, timeoutMs: 20_000, waitMs: 20_000 } as const
  const call = {
    id: randomId('call'),
    principal,
    action,
    edge: 'mcp_http',
    receivedAt: systemClock.now(),
  } as const
  let stdout = ''
  const sink = {
    begun: () => undefined,
    push: (stream: OutputStream, chunk: Buffer) => {
      if (stream === 'stdout') stdout += chunk.toString()
      return undefined
    },
    taken: { stdout: 0, stderr: 0 },
  }
  const permit = Permit.for(call, { verdict: 'allow', rule: 'test' })
  return { ...(await ssh.run(permit, sink, 'begin', new AbortController().signal)), stdout }
}

describe('a host of the OpenSSH configuration', () => {
  test('is reached through a hop that callers never see', async () => {
    const config = await imported('ProxyJump bastion:BASTION_PORT')
    const before = bastion?.authenticationAttempts() ?? 0
    expect(await run(config, 'inner', 'echo "$SSH_CONNECTION"')).toMatchObject({
      end: { how: 'exited', code: 0 },
      stdout: expect.stringContaining(String(inner?.port)),
      hostKey: inner?.hostKeyFingerprint,
    })
    expect(bastion?.authenticationAttempts()).toBeGreaterThan(before)
    const hop = config.hosts.find(({ isHop }) => isHop)
    const fleet = new Fleet(config.hosts)
    expect(fleet.list().map(({ name }) => name)).toEqual(['bastion', 'inner'])
    expect(hop && fleet.find(hop.host.name)).toBeUndefined()
  })

  test('is reached through its ProxyCommand where that is allowed', async () => {
    const node = `"${process.execPath}" -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s).pipe(process.stdout)"`
    const config = await imported(`ProxyCommand ${node}`, ', allow_proxy_command: true')
    expect(await run(config, 'inner', 'echo over a pipe')).toMatchObject({
      end: { how: 'exited', code: 0 },
      stdout: 'over a pipe\n',
    })
    expect((await imported(`ProxyCommand ${node}`)).hosts.map(({ host }) => host.name)).toEqual(['bastion'])
  })

  test('whose key is not trusted is refused, whatever StrictHostKeyChecking says', async () => {
    const config = await imported('StrictHostKeyChecking no\n  HostName localhost')
    expect(await run(config, 'inner', 'true')).toMatchObject({
      kind: 'not_started',
      code: 'host_key_unknown',
    })
  })
})
