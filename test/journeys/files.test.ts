import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERROR_META } from '../../src/mcp/run-tool.ts'
import { type Scratch, scratch } from '../kit/file-tools.ts'
import { connectStdio, ERAS } from '../kit/mcp-client.ts'
import { auditLines, type Home, hostYaml, makeHome } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const SECRET = 'swordfish-of-the-web-server'

let sshd: Sshd
let home: Home
let place: Scratch

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  home = await makeHome()
  place = scratch()
  const hosts = [
    hostYaml('web-server', sshd),
    hostYaml('old-server', sshd, { private_key_path: '', password: SECRET, required_scopes: '[mcp:admin]' }),
  ]
  home.configure(`hosts:\n${hosts.join('')}`)
})

afterAll(async () => {
  await sshd?.stop()
  await home?.remove()
  place?.remove()
})

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

async function call(client: Client, name: string, args: Record<string, unknown>) {
  const result = await client.callTool({ name, arguments: { host: 'web-server', ...args } })
  const text = (result.content as { text: string }[]).map((part) => part.text).join('\n')
  const error = result._meta?.[ERROR_META] as { code: string } | undefined
  return { code: error?.code, text, body: result.structuredContent as Record<string, unknown> }
}

describe.each(ERAS)('files of a host, through the door (%s client)', (era) => {
  test('a configuration is listed, read, edited, written and read again', async () => {
    const client = await connectStdio(home, era)
    const path = place.at(`app-${era}.conf`)
    writeFileSync(path, 'port = 80\r\nname = größe\r\n', { mode: 0o640 })

    const listed = await call(client, 'list_directory', {
      path: place.directory,
      sort: 'modified',
      descending: true,
    })
    expect(listed.body).toMatchObject({ path: place.directory, has_more: false })
    expect(listed.text).toContain(`app-${era}.conf`)

    const read = await call(client, 'read_file', { path })
    expect(read.body).toMatchObject({
      content: 'port = 80\r\nname = größe\r\n',
      mode: '0640',
      has_more: false,
    })

    const edits = [{ old_text: 'port = 80\n', new_text: 'port = 8080\n' }]
    const dry = await call(client, 'edit_file', { path, edits, dry_run: true })
    expect(dry.body).toMatchObject({ change: 'replaced', dry_run: true })
    const edited = await call(client, 'edit_file', { path, edits, expected_sha256: read.body.sha256 })
    expect(edited.body.diff).toContain('+port = 8080')
    expect(readFileSync(path, 'utf8')).toBe('port = 8080\r\nname = größe\r\n')
    expect(edited.body.sha256).toBe(sha256(readFileSync(path)))

    const stale = await call(client, 'write_file', { path, content: 'x', expected_sha256: read.body.sha256 })
    expect(stale.code).toBe('file_changed')
    const written = await call(client, 'write_file', { path, content: 'AP8=', encoding: 'base64' })
    expect(written.body).toMatchObject({ change: 'replaced', bytes: 2 })
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(await call(client, 'read_file', { path })).toMatchObject({
      body: { encoding: 'base64', content: 'AP8=' },
    })
    await client.close()
    expect(readdirSync(place.directory).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('files of a host', () => {
  test('a long log is read from its end and page by page', async () => {
    const client = await connectStdio(home)
    const lines = Array.from({ length: 50_000 }, (_, index) => `${index + 1} größe\n`)
    writeFileSync(place.at('log'), lines.join(''))
    const tail = await call(client, 'read_file', { path: place.at('log'), tail_lines: 2 })
    expect(tail.body.content).toBe('49999 größe\n50000 größe\n')
    const middle = await call(client, 'read_file', {
      path: place.at('log'),
      first_line: 30_000,
      line_count: 1,
    })
    expect(middle.body).toMatchObject({ content: '30000 größe\n', next_line: 30_001 })
    let [offset, whole] = [0, '']
    for (let hasMore = true; hasMore; ) {
      const page = await call(client, 'read_file', { path: place.at('log'), offset })
      whole += page.body.content
      offset = Number(page.body.next_offset)
      hasMore = page.body.has_more === true
    }
    expect(sha256(whole)).toBe(sha256(lines.join('')))
    await client.close()
  })

  test('no secret of the configuration comes out of a file, whole or in pieces, as text or as base64', async () => {
    const client = await connectStdio(home)
    writeFileSync(place.at('leak'), `password: ${SECRET}\n`)
    const whole = await call(client, 'read_file', { path: place.at('leak') })
    expect(whole.body).toMatchObject({ content: 'password: [redacted]\n', redactions: 1 })
    expect(whole.body.sha256).toBeUndefined()
    const coded = await call(client, 'read_file', { path: place.at('leak'), encoding: 'base64' })
    expect(Buffer.from(String(coded.body.content), 'base64').toString()).not.toContain(SECRET)
    let pieces = ''
    for (let offset = 0; offset < 38; offset += 5)
      pieces += (await call(client, 'read_file', { path: place.at('leak'), offset, length: 5 })).body.content
    expect(pieces).not.toContain('swordfish')
    const edited = await call(client, 'edit_file', {
      path: place.at('leak'),
      edits: [{ old_text: 'password', new_text: 'passphrase' }],
    })
    expect(JSON.stringify(edited)).not.toContain(SECRET)
    expect(readFileSync(place.at('leak'), 'utf8')).toBe(`passphrase: ${SECRET}\n`)
    await client.close()
  })

  test('what goes wrong is told with a code and what to do', async () => {
    const client = await connectStdio(home)
    symlinkSync('/dev/zero', place.at('zero'))
    const cases: [string, Record<string, unknown>, string][] = [
      ['read_file', { path: '/no/such' }, 'file_not_found'],
      ['read_file', { path: place.at('zero') }, 'file_failed'],
      ['write_file', { path: place.at('log'), content: 'x', create_only: true }, 'file_exists'],
      [
        'edit_file',
        { path: place.at('log'), edits: [{ old_text: 'größe', new_text: 'x' }] },
        'edit_mismatch',
      ],
      ['write_file', { path: place.at('a'), content: 'x', sudo: true }, 'not_supported'],
      ['read_file', { path: '/etc/hostname', host: 'nowhere' }, 'host_not_found'],
    ]
    for (const [tool, args, code] of cases) {
      const answer = await call(client, tool, args)
      expect(answer.code, `${tool} ${JSON.stringify(args)}`).toBe(code)
      expect(answer.text).not.toMatch(/127\.0\.0\.1/)
    }
    await client.close()
  })
})

test('the audit names path and digest of what was written, and holds no byte of it', async () => {
  const client = await connectStdio(home)
  const content = 'nobody-else-may-know-this'
  await call(client, 'write_file', { path: place.at('private'), content })
  await client.close()
  const written = auditLines(join(home.directory, 'state')).join('\n')
  expect(written).toContain(place.at('private'))
  expect(written).toContain(sha256(content))
  expect(written).toContain(sshd.hostKeyFingerprint)
  expect(written).not.toContain(content)
})
