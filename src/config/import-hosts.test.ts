import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder, privateKeyPem } from '../../test/kit/config-folder.ts'
import { defaultConfig, loadConfig } from './load-config.ts'
import { readSshConfigText } from './ssh-config-text.ts'

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
    const { hosts } = await imported(`
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
    const text = await readSshConfigText(join(folder.home, '.ssh/config'), folder.home)
    expect(text).not.toMatch(/exec|wrong/i)
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
    expect(names).toEqual(['bastion', 'direct', 'inner'])
    expect(hosts[2]?.jump).toBe('bastion')
    for (const name of ['deep', 'proxied', 'below', 'round', 'trip'])
      expect(warnings).toContain(`Host "${name}"`)
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
