import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERROR_META } from '../../src/mcp/run-tool.ts'
import { sha256 } from '../kit/api-keys.ts'
import { type Scratch, scratch } from '../kit/file-tools.ts'
import { connectHttp } from '../kit/mcp-client.ts'
import {
  askDatabase,
  auditLines,
  type Home,
  hostYaml,
  makeHome,
  PROGRAM,
  type Product,
  startProduct,
} from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { SUDO_USER, type SudoHost, startSudoHost } from '../kit/sudo-user.ts'
import { startTcpProxy } from '../kit/tcp-proxy.ts'

const SECRET = 'swordfish-of-the-old-server'
const ANN = 'ann-key-0123456789abc'
const BEN = 'ben-key-0123456789abc'

let sshd: Sshd
let sudo: SudoHost
let home: Home
let place: Scratch
let product: Product
let ann: Client

beforeAll(async () => {
  ;[sshd, sudo, home] = await Promise.all([
    startSshd({ config: ['Subsystem sftp internal-sftp'] }),
    startSudoHost('bash', ['Subsystem sftp /usr/lib/openssh/sftp-server']),
    makeHome(),
  ])
  place = scratch()
  chmodSync(place.directory, 0o755)
  configure()
  await start()
}, 180_000)

afterAll(async () => {
  await ann?.close()
  await product?.stop()
  await Promise.all([sshd?.stop(), sudo?.stop()])
  await home?.remove()
  place?.remove()
})

function configure(more = ''): void {
  const key = (name: string, text: string) =>
    `{name: ${name}, sha256: ${sha256(text)}, scopes: ["mcp:execute", "mcp:approve"]}`
  home.configure(`server: {log_level: DEBUG, api_keys: [${key('ann', ANN)}, ${key('ben', BEN)}]}
${more}
hosts:
${hostYaml('web-server', sshd)}${hostYaml('old-server', sshd, { private_key_path: '', password: SECRET })}${hostYaml('sudo-server', sudo.sshd, { username: SUDO_USER, sudo: '{password: "${file:/etc/ssh-mcp-test.password}"}' })}`)
}

async function start(): Promise<void> {
  product = await startProduct(home)
  ann = await connectHttp(`${product.url}/mcp`, ANN)
}

async function restart(more = ''): Promise<void> {
  await ann.close()
  await product.stop()
  configure(more)
  await start()
}

interface Answer {
  readonly code: string | undefined
  readonly text: string
  readonly body: Record<string, unknown>
}

async function call(name: string, args: Record<string, unknown>, client = ann): Promise<Answer> {
  const result = await client.callTool({ name, arguments: args })
  const text = (result.content as { text: string }[]).map((part) => part.text).join('\n')
  const error = result._meta?.[ERROR_META] as { code: string } | undefined
  return { code: error?.code, text, body: result.structuredContent as Record<string, unknown> }
}

const write = (path: string, content: string, more: Record<string, unknown> = {}) =>
  call('write_file', { host: 'web-server', path, content, ...more })
const undo = (change_id: unknown, more: Record<string, unknown> = {}) =>
  call('undo_change', { change_id, ...more })

async function rest(token: string, path: string, body?: Record<string, unknown>) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(`${product.url}/api/v1/${path}`, { headers, ...post })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const at = (name: string) => place.at(name)
const now = (name: string) => readFileSync(at(name), 'utf8')

describe('undo_change', { timeout: 120_000 }, () => {
  test('puts back what was written, edited and made; a restart of the bridge in between does not matter', async () => {
    writeFileSync(at('written'), 'old\n', { mode: 0o640 })
    writeFileSync(at('edited'), 'port = 80\n')
    const written = await write(at('written'), 'new\n')
    const edits = [{ old_text: '80', new_text: '8080' }]
    const edited = await call('edit_file', { host: 'web-server', path: at('edited'), edits })
    const made = await write(at('made'), 'made\n')
    const ids = [written, edited, made].map(({ body }) => body.change_id)
    for (const id of ids) expect(id).toMatch(/^chg_[\w-]{22}$/)
    expect(written.text).toContain(`To undo: change_id ${ids[0]}`)

    await restart()
    const dry = await undo(ids[0], { dry_run: true })
    expect(dry.body).toMatchObject({ dry_run: true, diff: expect.stringContaining('-new\n+old\n') })
    expect(now('written')).toBe('new\n')
    for (const id of ids) expect((await undo(id)).body).toMatchObject({ undoes: id, dry_run: false })
    expect([now('written'), now('edited'), existsSync(at('made'))]).toEqual(['old\n', 'port = 80\n', false])
    expect(statSync(at('written')).mode & 0o777).toBe(0o640)
  })

  test('takes back transfers, from host to host and by a link', async () => {
    writeFileSync(at('source'), 'new')
    writeFileSync(at('target'), 'old')
    const ends = {
      from_host: 'web-server',
      from_path: at('source'),
      to_host: 'old-server',
      to_path: at('target'),
    }
    const link = await call('transfer_file', {
      to_host: 'web-server',
      to_path: at('upload'),
      overwrite: true,
    })
    const sent = await fetch(String(link.body.url), { method: 'PUT', body: 'sent' })
    const { change_id } = (await sent.json()) as { change_id: string }
    expect((await undo(change_id)).body).toMatchObject({ change: 'removed', undoes: change_id })
    expect(existsSync(at('upload'))).toBe(false)
    // The other host has no credential that is right: here the refusal is the host's, and nothing is kept.
    const refused = await call('transfer_file', { ...ends, overwrite: true })
    expect(refused.code).toBe('host_auth_failed')
    const copied = await call('transfer_file', { ...ends, to_host: 'web-server', overwrite: true })
    expect(copied.text).toContain(`To undo: change_id ${copied.body.change_id}`)
    await undo(copied.body.change_id)
    expect(now('target')).toBe('old')
  })

  test('leaves alone what changed since, a second time, and undoes an undo', async () => {
    writeFileSync(at('a'), 'old')
    const { body } = await write(at('a'), 'new')
    writeFileSync(at('a'), 'theirs')
    const refused = await undo(body.change_id)
    expect(refused).toMatchObject({
      code: 'file_changed',
      text: expect.stringContaining('holds other bytes'),
    })
    expect(now('a')).toBe('theirs')

    writeFileSync(at('a'), 'new')
    const undone = await undo(body.change_id)
    expect(now('a')).toBe('old')
    expect(await undo(body.change_id)).toMatchObject({ code: 'file_changed' })
    await undo(undone.body.change_id)
    expect(now('a')).toBe('new')
  })

  test('as root keeps the owner; on a host that is down it changes nothing and can be tried again', async () => {
    writeFileSync(at('owned'), 'old')
    chownSync(at('owned'), 1234, 2345)
    chmodSync(at('owned'), 0o600)
    const host = { host: 'sudo-server', path: at('owned'), sudo: true }
    const { body } = await call('write_file', { ...host, content: 'new' })
    expect(now('owned')).toBe('new')
    await call('undo_change', { change_id: body.change_id })
    expect(now('owned')).toBe('old')
    expect(statSync(at('owned'))).toMatchObject({ uid: 1234, gid: 2345, mode: 0o100600 })

    const wire = await startTcpProxy(sshd.port)
    const others = readFileSync(home.configPath, 'utf8')
    writeFileSync(home.configPath, others + hostYaml('lost-server', sshd, { port: String(wire.port) }))
    await expect.poll(async () => (await rest(ANN, 'hosts')).body.count).toBe(4)
    const change = await call('write_file', { host: 'lost-server', path: at('b'), content: 'b' })
    await wire.stop()
    const down = await undo(change.body.change_id)
    expect(down.code).toBe('host_unreachable')
    expect(now('b')).toBe('b')
    expect((await rest(ANN, 'changes')).body.changes).toContainEqual(
      expect.objectContaining({ change_id: change.body.change_id, undone: false }),
    )
    await restart()
    // The host is no longer configured: what was changed there is not told, and cannot be reached.
    expect(await undo(change.body.change_id)).toMatchObject({ code: 'host_not_found' })
    expect(JSON.stringify((await rest(ANN, 'changes')).body)).not.toContain(change.body.change_id)
  })

  test('is one person’s own: another’s change is answered like one that never was', async () => {
    const { body } = await write(at('mine'), 'mine')
    const id = String(body.change_id)
    const never = `chg_${randomBytes(16).toString('base64url')}`
    const ben = await connectHttp(`${product.url}/mcp`, BEN)
    const answers = await Promise.all(
      [id, never].map(async (change_id) => {
        const mcp = await call('undo_change', { change_id }, ben)
        return JSON.stringify([mcp, await rest(BEN, 'changes/undo', { change_id })]).replaceAll(
          change_id,
          'ID',
        )
      }),
    )
    await ben.close()
    expect(answers[0]).toContain('change_not_found')
    expect(answers[0]).toBe(answers[1])
    expect((await rest(BEN, 'changes')).body).toMatchObject({ changes: [], total: 0 })
    expect(now('mine')).toBe('mine')
  })

  test('is on record as a call of its own and the restoring as another, with digests and no byte', async () => {
    writeFileSync(at('a'), 'nobody-may-read-this-in-the-audit')
    const { body } = await write(at('a'), 'nor-this')
    await undo(body.change_id)
    const lines = auditLines(join(home.directory, 'state'))
    const ofUndo = lines
      .filter((line) => line.includes(String(body.change_id)))
      .map((line) => JSON.parse(line))
    const parent = ofUndo.find(({ action }) => action === 'undo_change')
    const child = ofUndo.filter(({ action }) => action === 'restore_file')
    expect(child.map(({ type }) => type)).toEqual([
      'call.received',
      'call.decided',
      'call.started',
      'call.finished',
    ])
    expect(child[0]).toMatchObject({
      parent: parent.call,
      path: at('a'),
      undoes: body.change_id,
      puts_back: { sha256: sha256('nobody-may-read-this-in-the-audit') },
    })
    expect(child[3].result).toMatchObject({ status: 'completed', change_id: expect.stringMatching(/^chg_/) })
    expect(lines.join('\n')).not.toMatch(/nobody-may-read|nor-this/)
  })

  test('no secret of what was there leaves the bridge, and what is kept only its user can read', async () => {
    writeFileSync(at('secret'), `password: ${SECRET}\nuser: a\n`)
    const written = await write(at('secret'), 'password: none\nuser: a\n')
    const dry = await undo(written.body.change_id, { dry_run: true })
    const undone = await undo(written.body.change_id)
    expect(now('secret')).toBe(`password: ${SECRET}\nuser: a\n`)
    const listed = await rest(ANN, 'changes')
    expect(JSON.stringify([written, dry, undone, listed])).not.toContain(SECRET)
    expect(dry.body).toMatchObject({ redactions: 1, diff: expect.stringContaining('+password: [redacted') })
    expect(product.stderr()).not.toContain(SECRET)
    const state = join(home.directory, 'state')
    expect(statSync(state).mode & 0o777).toBe(0o700)
    const files = readdirSync(state).filter((name) => name.startsWith('bridge.db'))
    expect(files).toContain('bridge.db')
    for (const file of files) expect(statSync(join(state, file)).mode & 0o777).toBe(0o600)
  })
})

describe('where writing needs an approval', { timeout: 120_000 }, () => {
  test('so does taking a change back, and it is done once somebody else has said yes', async () => {
    writeFileSync(at('ruled'), 'old')
    const { body } = await write(at('ruled'), 'new')
    await restart(`roles: [{name: oncall, match: [{api_keys: ben}]}]
people: [{name: ann, api_keys: ann}, {name: ben, api_keys: ben}]
rules:
  - {name: writes, actions: write, effect: approve, approvers: oncall}
  - {name: rest, actions: read, effect: allow}`)
    const asked = await undo(body.change_id)
    expect(asked.code).toBe('approval_required')
    const [id] = /cmd_[\w-]{22}/.exec(asked.text) ?? []
    expect(now('ruled')).toBe('new')

    const [request] = (await rest(BEN, 'approvals')).body.approvals as { digest: string; text: string }[]
    expect(request?.text).toMatch(
      new RegExp(`^put back what was at ${at('ruled')} before ${body.change_id}: 3 bytes .*: old$`),
    )
    const answer = { command_id: id, digest: request?.digest, verdict: 'approve' }
    await rest(BEN, 'approvals/answer', answer)
    await expect.poll(() => now('ruled')).toBe('old')
    const page = await call('get_command_output', { command_id: id, wait_seconds: 10 })
    expect(page.text).toContain('"change": "replaced"')
    await restart()
  })
})

// Each start of the program takes its time on a busy machine.
describe('operators', { timeout: 120_000 }, () => {
  const cli = promisify(execFile)
  const changes = async (...args: string[]) => {
    const env = { ...process.env, SSH_MCP_URL: product.url, SSH_MCP_API_KEY: ANN }
    return cli(process.execPath, [PROGRAM, 'changes', ...args], { env }).catch(
      (failure: { code: number; stdout: string; stderr: string }) => failure,
    )
  }

  test('list and undo their own changes on the command line, and see what was undone', async () => {
    writeFileSync(at('conf'), 'old\n')
    const { body } = await write(at('conf'), 'new\n')
    const id = String(body.change_id)
    expect((await changes('list')).stdout.split('\n')[0]).toMatch(
      new RegExp(`^${id}\t\\S+Z\twrite_file\treplaced\tweb-server\t${at('conf')}\t-$`),
    )
    const dry = await changes('undo', id, '--dry-run')
    expect(dry.stdout).toContain('would be replaced; nothing was changed\n')
    expect(dry.stdout).toContain('\n-new\n+old\n')
    expect(now('conf')).toBe('new\n')
    const undone = await changes('undo', id, '--json')
    expect(JSON.parse(undone.stdout)).toMatchObject({ undoes: id, change: 'replaced' })
    expect(now('conf')).toBe('old\n')
    const by = JSON.parse(undone.stdout).change_id
    const [first, second] = (await changes('list', '--limit', '2')).stdout.split('\n')
    expect(first).toContain(`${by}\t`)
    expect(second).toMatch(new RegExp(`^${id}\t.*\tundone by ${by}$`))
    // Undone in turn, the first one stands again.
    await changes('undo', by)
    const again = JSON.parse((await changes('list', '--json')).stdout).changes
    const of = (change: string) => again.find(({ change_id }: { change_id: string }) => change_id === change)
    expect([of(id).undone, of(by).undone]).toEqual([false, true])

    const refused = await changes('undo', by)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^ssh-mcp-bridge: .* is not what the change left: .* \(file_changed\)\n$/)
    const unknown = await changes('undo', 'chg_AAAAAAAAAAAAAAAAAAAAAA')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('(change_not_found)') })
    expect(await changes('undo', 'nonsense')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('change_id'),
    })
  })

  test('bound what is kept, or keep nothing', async () => {
    await restart('files: {undo: {total_bytes: 20000}}')
    writeFileSync(at('big'), 'x'.repeat(12_000))
    const first = await write(at('big'), 'y'.repeat(12_000))
    const second = await write(at('big'), 'z')
    expect(await undo(first.body.change_id)).toMatchObject({ code: 'change_not_found' })
    expect((await undo(second.body.change_id)).code).toBeUndefined()
    writeFileSync(at('big'), 'x'.repeat(30_000))
    const tooBig = await write(at('big'), 'y')
    expect(tooBig.body.change_id).toBeUndefined()
    expect(tooBig.body.note).toContain('cannot be undone')

    await restart('files: {undo: {retention: 0}}')
    const unkept = await write(at('big'), 'w')
    expect([unkept.body.change_id, unkept.body.note]).toEqual([undefined, undefined])
    expect(await undo(second.body.change_id)).toMatchObject({ code: 'change_not_found' })
    expect((await rest(ANN, 'changes')).body).toMatchObject({ changes: [], total: 0 })
    await restart()
  })

  test('see that nothing is changed while what it replaces cannot be kept, and that it goes on by itself', async () => {
    const state = join(home.directory, 'state')
    askDatabase(state, 'ALTER TABLE change_content RENAME TO elsewhere')
    try {
      writeFileSync(at('log'), randomBytes(200_000).toString('base64'))
      const before = now('log')
      const refused = await write(at('log'), 'new')
      expect(refused.code).toBe('undo_unavailable')
      expect(refused.text).not.toContain(home.directory)
      expect(now('log')).toBe(before)
      expect(readdirSync(place.directory).filter((name) => name.startsWith('.'))).toEqual([])
      // Nothing was there: nothing has to be kept of it.
      expect((await write(at('log-2'), 'new')).code).toBeUndefined()
    } finally {
      askDatabase(state, 'ALTER TABLE elsewhere RENAME TO change_content')
    }
    expect((await write(at('log'), 'new')).body.change).toBe('replaced')
  })
})
