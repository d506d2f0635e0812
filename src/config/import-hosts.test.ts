import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder, privateKeyPem } from '../../test/kit/config-folder.ts'
import { Fleet } from '../app/fleet.ts'
import { defaultConfig, loadConfig } from './load-config.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

async function imported(sshConfig: string, env: Record<string, string> = {}) {
  folder.write('home/.ssh/config', sshConfig)
  const result = await defaultConfig({ USER: 'me', ...env }, folder.home)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const { hosts, warnings } = result.config
  return { hosts, names: hosts.map(({ host }) => host.name), warnings: warnings.join('\n') }
}

describe('hosts of the OpenSSH configuration', () => {
  test('without a configuration, stdio serves them', async () => {
    folder.write('home/.ssh/config', 'Host a\n  HostName 192.0.2.1\n')
    const result = await defaultConfig({ USER: 'me' }, folder.home)
    expect(result).toMatchObject({
      ok: true,
      config: {
        server: { enableStdio: true, enableHttp: false },
        hosts: [{ address: '192.0.2.1', username: 'me' }],
      },
    })
  })

  test('without a configuration, SSH_MCP_SSH_CONFIG says whose hosts; one that is not there is a mistake', async () => {
    folder.write('home/.ssh/config', 'Host a\n')
    folder.write('home/work: hosts', 'Host b\n')
    const named = (path: string) => defaultConfig({ USER: 'me', SSH_MCP_SSH_CONFIG: path }, folder.home)
    const found = await named('~/work: hosts')
    expect(found.ok && found.config.hosts.map(({ host }) => host.name)).toEqual(['b'])
    const unnamed = await named('')
    expect(unnamed.ok && unnamed.config.hosts.map(({ host }) => host.name)).toEqual(['a'])
    const missing = await named('/nowhere/config')
    expect(!missing.ok && missing.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/the OpenSSH configuration .*: write the path of a readable one/),
    ])
  })

  test('without an OpenSSH configuration either, there are no hosts', async () => {
    expect(await defaultConfig({}, folder.home)).toMatchObject({ ok: true, config: { hosts: [] } })
  })

  test('every name without wildcards is a host; the first value of an option holds', async () => {
    const { hosts, names } = await imported(`
Host web db *.internal !not
  HostName %h.example.com
  Port 2222
Host db
  User postgres
  Port 22
Host *
  user admin
`)
    expect(names).toEqual(['db', 'web'])
    expect(hosts).toMatchObject([
      { address: 'db.example.com', username: 'postgres', port: 2222 },
      { address: 'web.example.com', username: 'admin', port: 2222 },
    ])
  })

  test('nothing is executed while it is read', async () => {
    const canary = join(folder.path, 'canary')
    const { hosts, warnings } = await imported(`
Match exec "touch ${canary}1"
  User wrong
Match host a exec "touch ${canary}2"
  User wrong
Match EXEC="touch ${canary}3"
  User wrong
Match !exec "touch ${canary}4"
  User wrong
Match final exec "touch ${canary}5"
  User wrong
Host a
  User right
Match originalhost a
  Port 2200
`)
    expect(hosts).toMatchObject([{ username: 'right', port: 2200 }])
    expect([1, 2, 3, 4, 5].filter((n) => existsSync(`${canary}${n}`))).toEqual([])
    expect(warnings).toContain('`Match exec`')
  })

  test('Include is followed, also with wildcards, but not without end', async () => {
    folder.write('home/.ssh/conf.d/10-a', 'Host a\n  User one\n')
    folder.write('home/.ssh/conf.d/20-b', 'Host b\n  User two\n')
    folder.write('home/.ssh/conf.d/.hidden', 'Host hidden\n')
    folder.write('home/.ssh/loop', 'Include loop loop loop\nHost looped\n  User looped\n')
    const { hosts } = await imported(
      'Include conf.d/* "~/.ssh/loop" /none\nPort 2200\nHost c\n  Include conf.d/10-a\n  User three\n',
    )
    expect(hosts.map(({ host: { name }, username, port }) => [name, username, port])).toEqual([
      ['a', 'one', 2200],
      ['b', 'two', 2200],
      ['c', 'three', 2200],
      ['looped', 'looped', 2200],
    ])
  })

  test('a named key that opens by itself comes before the agent, the agent before a default key', async () => {
    folder.write('home/.ssh/own', privateKeyPem())
    folder.write('home/.ssh/locked', privateKeyPem('passphrase'))
    folder.write('home/.ssh/open', privateKeyPem(), 0o644)
    const text =
      'Host a\n  IdentityFile ~/.ssh/own\nHost b\n  IdentityFile %d/.ssh/locked\nHost c\nHost d\n  IdentityFile ~/.ssh/open\n'
    const without = await imported(text)
    expect(without.hosts.map(({ host: { name }, credential }) => [name, credential])).toEqual([
      ['a', { kind: 'private_key', path: join(folder.home, '.ssh/own') }],
      ['c', { kind: 'private_key', path: join(folder.home, '.ssh/id_ed25519') }],
    ])
    expect(without.warnings).toMatch(/Host "b".*no agent is running[\s\S]*Host "d"/)
    const { hosts } = await imported(text, { SSH_AUTH_SOCK: '/run/agent' })
    expect(hosts.map(({ credential }) => credential.kind)).toEqual(['private_key', 'agent', 'agent', 'agent'])
  })

  test('a jump is followed by name; what cannot be reached is left out and named', async () => {
    const { hosts, names, warnings } = await imported(`
Host bastion
Host inner
  ProxyJump bastion
Host deep
  ProxyJump me@bastion:2222
Host proxied
  ProxyCommand nc %h %p
Host below
  ProxyJump proxied
Host round
  ProxyJump trip
Host trip
  ProxyJump round
Host direct
  ProxyJump none
`)
    expect(names).toEqual(['bastion', 'deep', 'direct', 'inner', expect.stringMatching(/^jump-bastion-/)])
    expect(hosts[3]?.jump).toBe('bastion')
    for (const name of ['proxied', 'below', 'round', 'trip']) expect(warnings).toContain(`Host "${name}"`)
  })

  test('a host of the configuration comes before one of the same name, and may jump through imported ones', async () => {
    folder.write('home/.ssh/config', 'Host web\n  HostName 192.0.2.99\nHost bastion\n')
    const file = folder.write(
      'config.yaml',
      'ssh_config: ~/.ssh/config\nhosts: [{name: web, host: 192.0.2.1, username: u, agent: /a, jump: bastion}]\n',
    )
    const result = await loadConfig(file, { USER: 'me' }, { home: folder.home })
    expect(result).toMatchObject({
      ok: true,
      config: { hosts: [{ host: { name: 'bastion' } }, { address: '192.0.2.1', jump: 'bastion' }] },
    })
  })

  test('a hop with a user, a port or no name of its own is a host that callers never see', async () => {
    const { hosts } = await imported(`
Host inner
  ProxyJump me@bastion:2222
Host other
  ProxyJump me@bastion:2222
Host lone
  ProxyJump 192.0.2.77
Host bastion
  HostName bastion.example.com
  Port 22
  IdentityFile ~/.ssh/id_ed25519
`)
    const hops = hosts.filter(({ isHop }) => isHop)
    expect(hops).toMatchObject([
      { address: '192.0.2.77', port: 22, username: 'me' },
      { address: 'bastion.example.com', port: 2222, username: 'me', credential: { kind: 'private_key' } },
    ])
    const by = (name: string) => hosts.find(({ host }) => host.name === name)
    expect(by('inner')?.jump).toBe(hops[1]?.host.name)
    expect(by('other')?.jump).toBe(hops[1]?.host.name)
    expect(by('lone')?.jump).toBe(hops[0]?.host.name)
    expect(by('bastion')).toMatchObject({ port: 22 })
    const fleet = new Fleet(hosts)
    expect(fleet.list().map(({ name }) => name)).toEqual(['bastion', 'inner', 'lone', 'other'])
    expect(fleet.find(hops[0]?.host.name ?? '')).toBeUndefined()
  })

  test('a list of hops is gone through in its order, whatever the hops say of themselves', async () => {
    const { hosts } = await imported(`
Host target
  ProxyJump first,second,[2001:db8::1]:2200
Host first
Host second
  ProxyJump elsewhere
Host elsewhere
Host through
  ProxyJump first
Host plain
  ProxyJump first,through
`)
    const by = (name: string | undefined) => hosts.find(({ host }) => host.name === name)
    const third = by(by('target')?.jump)
    const second = by(third?.jump)
    expect(third).toMatchObject({ address: '2001:db8::1', port: 2200, isHop: true })
    expect(second).toMatchObject({ address: 'second', isHop: true, jump: 'first' })
    expect(by('second')?.jump).toBe('elsewhere')
    // What already goes through the hop before it needs no twin.
    expect(by('plain')?.jump).toBe('through')
  })

  test('a hop has the same name after every reading, and a hop that nothing needs is not there', async () => {
    const text =
      'Host a\n  ProxyJump me@b:22\nHost c\n  ProxyJump nobody@d\n  ProxyCommand none\n  Port 99999\n'
    const first = await imported(text)
    expect(first.names).toEqual(['a', expect.stringMatching(/^jump-b-[0-9a-f]{8}$/)])
    expect((await imported(text)).names).toEqual(first.names)
  })

  test('a host that would jump over itself is left out', async () => {
    const { names, warnings } = await imported('Host bastion\nHost web\nHost *\n  ProxyJump bastion\n')
    expect(names).toEqual([])
    expect(warnings).toContain(
      'Host "bastion" of the OpenSSH configuration is left out: its ProxyJump leads nowhere.',
    )
    const mended = await imported('Host bastion\n  ProxyJump none\nHost web\nHost *\n  ProxyJump bastion\n')
    expect(mended.names).toEqual(['bastion', 'web'])
  })

  test('ProxyCommand is taken only where programs of this machine may be run', async () => {
    folder.write('home/.ssh/config', 'Host a\n  ProxyCommand nc -X 5 %h %p # "a\nHost b\n  ProxyJump x@a\n')
    const load = async (ssh: string) => {
      const file = folder.write('config.yaml', `ssh_config: ~/.ssh/config\n${ssh}`)
      const result = await loadConfig(file, { USER: 'me' }, { home: folder.home })
      if (!result.ok) throw new Error(JSON.stringify(result.problems))
      return result.config
    }
    const without = await load('')
    expect(without.hosts).toEqual([])
    expect(without.warnings.join()).toContain('ssh.allow_proxy_command: true allows that')
    const { hosts } = await load('ssh: {allow_proxy_command: true}\n')
    expect(hosts).toMatchObject([
      { host: { name: 'a' }, proxyCommand: 'nc -X 5 %h %p # "a' },
      { host: { name: 'b' } },
      { isHop: true, proxyCommand: 'nc -X 5 %h %p # "a' },
    ])
  })

  test('what a host asks for and does not get is told once, with what to do instead', async () => {
    const { warnings } = await imported(`
Host old
  HostKeyAlgorithms +ssh-rsa
  KexAlgorithms +diffie-hellman-group14-sha1
Host new
  HostKeyAlgorithms -ssh-rsa
  Ciphers aes256-gcm@openssh.com
Host lab
  CertificateFile ~/.ssh/cert.pub
  HostKeyAlias lab-alias
Host *
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  RequestTTY yes
  RemoteCommand tmux
`)
    expect(warnings).toMatch(/algorithms: legacy \(OpenSSH configuration: old\)/)
    expect(warnings).toMatch(/StrictHostKeyChecking is ignored.*\(OpenSSH configuration: old, new, lab\)/)
    expect(warnings).toMatch(/UserKnownHostsFile is ignored/)
    expect(warnings).toMatch(/CertificateFile is ignored.*: lab\)/)
    expect(warnings).toMatch(/HostKeyAlias is ignored.*: lab\)/)
    expect(warnings).not.toMatch(/RequestTTY|RemoteCommand/)
  })

  test('keys and agents are found by their tokens and variables', async () => {
    folder.write('home/.ssh/keys/db.example.com-admin', privateKeyPem())
    const { hosts } = await imported(
      `Host db
  HostName %h.example.com
  User admin
  IdentityFile ~/.ssh/none
  IdentityFile ~/.ssh/keys/%h-%r
Host agent
  IdentityFile ~/.ssh/none
  IdentityAgent \${XDG_RUNTIME_DIR}/agent
Host variable
  IdentityFile none
  IdentityAgent $OTHER_AGENT
Host without
  IdentityAgent none
`,
      { XDG_RUNTIME_DIR: '/run/user', OTHER_AGENT: '/run/other' },
    )
    expect(hosts.map(({ credential }) => credential)).toEqual([
      { kind: 'agent', socket: '/run/user/agent' },
      { kind: 'private_key', path: join(folder.home, '.ssh/keys/db.example.com-admin') },
      { kind: 'agent', socket: '/run/other' },
      { kind: 'private_key', path: join(folder.home, '.ssh/id_ed25519') },
    ])
  })

  test('with IdentitiesOnly, an agent is asked for no other keys than those of the public key files', async () => {
    folder.write('home/.ssh/work.pub', 'ssh-ed25519 AAAA work')
    folder.write('home/.ssh/locked', privateKeyPem('passphrase'))
    folder.write('home/.ssh/locked.pub', 'ssh-ed25519 AAAA locked')
    const { hosts, warnings } = await imported(
      'Host a\n IdentityFile ~/.ssh/work.pub\n IdentityFile ~/.ssh/locked\nHost b\n IdentityFile ~/.ssh/none\nHost *\n IdentitiesOnly yes\n',
      { SSH_AUTH_SOCK: '/run/agent' },
    )
    const keys = ['work.pub', 'locked.pub'].map((name) => join(folder.home, '.ssh', name))
    expect(hosts.map(({ credential }) => credential)).toEqual([
      { kind: 'agent', socket: '/run/agent', onlyKeys: keys },
      { kind: 'agent', socket: '/run/agent' },
    ])
    expect(warnings).toMatch(/IdentitiesOnly needs the public key.*: b\)/)
  })

  test('a name of an included file counts only where the block around it holds', async () => {
    folder.write('home/.ssh/inner', 'Host deep\n  User inner\nHost outer\n  User nested\n')
    const { names, hosts } = await imported('Host outer\n  Include inner\n')
    expect(names).toEqual(['outer'])
    expect(hosts[0]?.username).toBe('nested')
  })

  test('ten thousand imported hosts are read in little time', async () => {
    const blocks = Array.from({ length: 10_000 }, (_, n) => `Host h${n}\n  HostName 192.0.2.${n % 250}\n`)
    expect((await imported(`${blocks.join('')}Host h*\n  Port 2222\n`)).hosts).toHaveLength(10_000)
  })

  test('a broken OpenSSH configuration is a problem at the key that names it', async () => {
    folder.write('home/.ssh/config', 'Host "hunter2\n')
    const file = folder.write('config.yaml', 'ssh_config: ~/.ssh/config\n')
    const result = await loadConfig(file, {}, { home: folder.home })
    expect(result).toMatchObject({
      ok: false,
      problems: [
        {
          where: { line: 1, column: 13 },
          message: expect.stringContaining('is not an OpenSSH client configuration'),
        },
      ],
    })
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })
})
