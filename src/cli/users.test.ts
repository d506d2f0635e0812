import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import LibSql from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Home, makeHome, PROGRAM } from '../../test/kit/product.ts'
import { runCli } from '../../test/kit/run-cli.ts'

let home: Home

beforeEach(async () => {
  home = await makeHome()
  home.configure('server: {enable_http: true, port: 8080, oauth: {mode: embedded}}\nhosts: []\n')
})

afterEach(() => home.remove())

function users(...args: string[]) {
  return runCli('users', ...args, '--config', home.configPath)
}

function kept(): { username: string; [member: string]: unknown }[] {
  const database = new LibSql(join(home.directory, 'state', 'bridge.db'))
  const rows = database.prepare('SELECT record FROM users').all() as { record: string }[]
  database.close()
  return rows.map(({ record }) => JSON.parse(record))
}

async function listed(): Promise<Record<string, unknown>[]> {
  return JSON.parse((await users('list', '--json')).out).users
}

describe('users add', () => {
  test('prints a link below the address of the bridge, of which only a digest is kept', async () => {
    const { code, out } = await users(
      'add',
      'Alice',
      '--name',
      'Alice Example',
      '--email',
      'alice@example.com',
      '--group',
      'ops',
      '--group',
      'db',
    )
    expect(code).toBe(0)
    const token = /http:\/\/127\.0\.0\.1:8080\/oauth\/set-up\/(\S{43})\n/.exec(out)?.[1] ?? ''
    expect(kept()).toMatchObject([
      {
        username: 'alice',
        groups: ['ops', 'db'],
        setUp: { sha256: createHash('sha256').update(token).digest('hex') },
      },
    ])
    expect(JSON.stringify(kept())).not.toContain(token)
    expect(await listed()).toMatchObject([
      {
        username: 'alice',
        name: 'Alice Example',
        email: 'alice@example.com',
        scopes: ['mcp:execute'],
        state: 'link not used yet',
      },
    ])
  })

  test('takes a password from standard input, and keeps a hash of it', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [PROGRAM, 'users', 'add', 'alice', '--password-stdin', '--config', home.configPath],
      { input: 'lantern staple tin\n', encoding: 'utf8' },
    )
    expect([status, stdout]).toEqual([0, 'alice may sign in now.\n'])
    expect(kept()).toMatchObject([
      { passwordHash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) },
    ])
  })

  test.each([
    ['lantern', 'at least 12'],
    ['', 'no password came'],
  ])('does not take %j', (input, why) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [PROGRAM, 'users', 'add', 'alice', '--password-stdin', '--config', home.configPath],
      { input, encoding: 'utf8' },
    )
    expect(status).toBe(2)
    expect(stderr).toContain(why)
    if (input !== '') expect(stderr).not.toContain(input)
  })

  test('a second one of the same name is refused, and the first stays', async () => {
    await users('add', 'alice')
    const before = kept()
    expect(await users('add', 'ALICE')).toMatchObject({
      code: 2,
      err: expect.stringContaining('users reset alice'),
    })
    expect(kept()).toEqual(before)
  })

  test('a scope that no host asks for is taken with a warning', async () => {
    expect(await users('add', 'alice', '--scope', 'mcp:excute')).toMatchObject({
      code: 0,
      err: expect.stringContaining('nothing asks for mcp:excute; in use are: mcp:execute'),
    })
  })

  test('the scopes of operators are taken without one, though no client is offered them', async () => {
    expect(
      await users('add', 'alice', '--scope', 'mcp:view', '--scope', 'mcp:approve', '--scope', 'mcp:operate'),
    ).toMatchObject({ code: 0, err: expect.not.stringContaining('nothing asks for') })
  })

  test.each([
    ['a b'],
    [''],
    ['../x'],
    ['x'.repeat(64)],
    ['alice', '--email', 'alice'],
    ['alice', '--scope', 'a b'],
    ['alice', '--scope', ''],
    ['alice', '--name', 'a\nb'],
    ['alice', '--group', 'a\u0007'],
    ['alice', 'bob'],
    [],
  ])('%j %j %j is told in a sentence', async (...args) => {
    const { code, err, out } = await users('add', ...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^ssh-mcp-bridge: (not a|missing|too many)/)
  })
})

describe('users set, reset, disable, enable, remove', () => {
  test('change what they name and nothing else', async () => {
    await users('add', 'alice', '--name', 'Alice', '--group', 'ops')
    const [first] = kept()
    expect((await users('set', 'alice', '--group', 'db', '--scope', 'mcp:execute')).code).toBe(0)
    expect(kept()).toEqual([{ ...first, groups: ['db'] }])
    await users('set', 'alice', '--group', '')
    expect(kept()).toEqual([{ ...first, groups: [] }])
    await users('disable', 'alice')
    expect(await listed()).toMatchObject([{ state: 'disabled' }])
    await users('enable', 'alice')
    expect(kept()).toEqual([{ ...first, groups: [] }])
    const { out } = await users('reset', 'alice', '--json')
    expect(JSON.parse(out)).toMatchObject({
      username: 'alice',
      set_up_link: expect.stringContaining('/oauth/set-up/'),
    })
    expect(kept()).not.toEqual([{ ...first, groups: [] }])
    await users('remove', 'alice')
    expect(kept()).toEqual([])
    const by = `${userInfo().username} at the command line`
    const records = home.auditRecords() as unknown as Record<string, unknown>[]
    expect(records.map(({ type }) => type)).toEqual(
      ['added', 'changed', 'changed', 'disabled', 'enabled', 'reset', 'removed'].map(
        (what) => `user.${what}`,
      ),
    )
    expect(records.every((record) => record.username === 'alice' && record.by === by)).toBe(true)
    expect(records[1]).toMatchObject({ groups: ['db'], scopes: ['mcp:execute'] })
  })

  test('a subject is never given again: who is added under an old name is somebody else', async () => {
    await users('add', 'alice')
    const [before] = await listed()
    await users('remove', 'alice')
    await users('add', 'alice')
    expect((await listed())[0]?.subject).not.toBe(before?.subject)
  })

  test.each(['set', 'reset', 'disable', 'enable', 'remove'])(
    '%s of nobody says who there is',
    async (what) => {
      await users('add', 'alice')
      const { code, err } = await users(what, 'bob', ...(what === 'set' ? ['--name', 'Bob'] : []))
      expect(code).toBe(2)
      expect(err).toBe('ssh-mcp-bridge: no user is named "bob"; there are: alice\n')
    },
  )

  test('set without anything to set says what there is to set', async () => {
    await users('add', 'alice')
    expect(await users('set', 'alice')).toMatchObject({ code: 2, err: expect.stringContaining('--group') })
  })
})

describe('users list', () => {
  test('shows no secret', async () => {
    const link = (await users('add', 'alice')).out.split('/').at(-1)?.trim() ?? ''
    for (const { out } of [await users('list'), await users('list', '--json')]) {
      expect(out).toContain('alice')
      expect(out).not.toMatch(/sha256|argon2/)
      expect(out).not.toContain(link)
    }
  })

  test('says what to type where there is nobody', async () => {
    expect((await users('list')).out).toContain('ssh-mcp-bridge users add NAME')
  })
})

test.each([
  ['server: {enable_http: true, api_key: 0123456789abcdef0123456789abcdef}\n', 'server.oauth.mode: embedded'],
  [
    'server: {enable_http: true, oauth: {mode: embedded, upstream: {issuer: "https://idp.example.com", client_id: a, client_secret: 0123456789abcdef}}}\n',
    'people sign in at https://idp.example.com',
  ],
])('where the bridge has no users of its own, that is said', async (yaml, why) => {
  home.configure(yaml)
  expect(await users('add', 'alice')).toMatchObject({ code: 2, err: expect.stringContaining(why) })
})
