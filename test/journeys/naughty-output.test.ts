import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eachAtMost } from '../kit/each-at-most.ts'
import { connectHttp, connectStdio } from '../kit/mcp-client.ts'
import { isLegal, NAUGHTY, NAUGHTY_NAMES, NAUGHTY_TEXTS, type Naughty, rawControl } from '../kit/naughty.ts'
import { DESCRIBED, filesIn, makeNaughtyPlace, naughtyHome } from '../kit/naughty-place.ts'
import { NotedDoors } from '../kit/noted-doors.ts'
import { type AuditRecord, auditLines, type Home, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/**
 * What hosts print and hold, what things on them are called and how they are described may be anything. Each piece is asked for by every
 * door; whatever was answered or written in the course of that is looked through in the end.
 */
const KEY = 'a-key-for-the-naughty-tests'
const MCP = ['stdio', 'HTTP']
const DOORS = [...MCP, 'REST']
const ALL_TEXTS = NAUGHTY_TEXTS.map(({ bytes }) => `${bytes}`).join('\n')
const NAMED_TEXTS = NAUGHTY_TEXTS.filter((one) => NAUGHTY_NAMES.includes(one))
const words = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
/** Stands in a listing as it is: it is one line, and nothing of it has to be shown. */
const isPlain = (one: Naughty) => isLegal(one) && !/[\t\r\n]/.test(one.shown)

let sshd: Sshd
let home: Home
let stdioHome: Home
let product: Product
const { at, contentOf, remove } = makeNaughtyPlace()
const doors = new NotedDoors()

// Those of one door go on at the same time: each takes as long as all of them.
vi.setConfig({ testTimeout: 120_000 })

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  home = await naughtyHome(sshd, KEY, DOORS, 'text')
  stdioHome = await naughtyHome(sshd, KEY, DOORS, 'json')
  product = await startProduct(home)
  doors.addMcp('stdio', await connectStdio(stdioHome))
  doors.addMcp('HTTP', await connectHttp(`${product.url}/mcp`, KEY, 'modern'))
  doors.addRest(product.url, KEY, home.configPath)
})

afterAll(async () => {
  await doors.close()
  await product?.stop()
  await sshd?.stop()
  await Promise.all([home?.remove(), stdioHome?.remove()])
  remove()
})

/** As many at a time as a connection to a host takes. */
const each = (of: readonly Naughty[], work: (one: Naughty) => Promise<void>) => eachAtMost(4, of, work)

describe.concurrent.each(DOORS)('by %s', (door) => {
  test('what a host prints arrives as it is, but for what steers or deceives: that is shown and counted', () =>
    each(NAUGHTY, async (one) => {
      const said = NAUGHTY_TEXTS.includes(one) ? words(`${one.bytes}`) : ''
      const command = `: ${said}; cat ${contentOf(one)}; cat ${contentOf(one)} >&2; exit 3`
      const { body } = await doors.ask(door, 'execute_command', { host: 'web', command })
      const expected = { exit_status: 3, stdout: one.shown, stderr: one.shown }
      expect(body, one.name).toMatchObject({ ...expected, control_sequences: 2 * one.controls })
    }))

  test('a session works in directories of every name, and nothing printed there ends a command', async () => {
    const host = `shell-${door}`
    // A name that is as it is shown goes one way, whatever the door.
    const names = NAUGHTY_NAMES.filter((one) => door === 'REST' || !isPlain(one))
    for (const one of names) {
      const command = `IFS= read -r -d '' d < ${contentOf(one)}; cd -- "${at('dirs')}/$d" && cat inside`
      const { body } = await doors.ask(door, 'execute_command', { host, command })
      const session = { working_directory: `${at('dirs')}/${one.shown}`, state: 'saved' }
      expect(body, one.name).toMatchObject({ exit_status: 0, stdout: one.shown, session })
    }
    const { body } = await doors.ask(door, 'get_working_directory', { host })
    expect(body.working_directory).toBe(`${at('dirs')}/${names.at(-1)?.shown}`)
  })

  test('hosts may be described by anything, and each is one line', async () => {
    const { body, text } = await doors.ask(door, 'list_hosts')
    const hosts = body.hosts as { name: string; description: string }[]
    const described = new Map(hosts.map(({ name, description }) => [name, description]))
    for (const [index, { shown }] of DESCRIBED.entries())
      expect(described.get(`described-${index}`)).toBe(shown)
    if (door !== 'REST') expect(text.split('\n')).toHaveLength(hosts.length)
  })

  test('what no command can hold is refused or replaced, and the next call is answered', async () => {
    const run = async (command: string) =>
      (await doors.ask(door, 'execute_command', { host: 'web', command })).body
    expect((await run('echo a\0b')).output).toBeUndefined()
    expect((await run('echo "a\ud800b"')).output).toBe('a\ufffdb\n')
    expect((await run('echo still here')).output).toBe('still here\n')
  })
})

// By HTTP it would be the same request as by REST, of the same caller.
test.concurrent.each(['stdio', 'REST'])('by %s a call waits for approval, whatever is in it', (door) =>
  each(NAUGHTY_TEXTS, async (one) => {
    const { body } = await doors.ask(door, 'execute_command', {
      host: 'asks',
      command: words(`${one.bytes}`),
    })
    expect(body.outcome, one.name).toBe('waiting_approval')
  }),
)

describe.concurrent.each(MCP)('by MCP over %s', (door) => {
  const onWeb = (tool: string, args: object) => doors.ask(door, tool, { host: 'web', ...args })

  test('a file is read as it is, but for what is shown and counted; as base64 byte by byte', () =>
    each(NAUGHTY, async (one) => {
      const path = contentOf(one)
      const { body } = await onWeb('read_file', { path, encoding: 'text' })
      expect(body, one.name).toMatchObject({ content: one.shown, control_sequences: one.controls })
      if (isLegal(one) || door !== 'HTTP') return
      const { body: raw } = await onWeb('read_file', { path, encoding: 'base64' })
      expect(Buffer.from(`${raw.content}`, 'base64'), one.name).toEqual(one.bytes)
    }))

  test.each([
    ['names', 1],
    ['dirs', 2],
  ] as const)(
    'below %s each name has a line, and says so if it is not as it is shown',
    async (name, depth) => {
      const { body, text } = await onWeb('list_directory', { path: at(name), depth, limit: 1_000 })
      const entries = body.entries as { name: string; escaped?: true }[]
      expect(entries).toHaveLength(NAUGHTY_NAMES.length * depth)
      expect(text.match(/^[-d]0\d{3} /gm)).toHaveLength(entries.length)
      const asTheyAre = entries.filter(({ escaped }) => !escaped).map((entry) => entry.name)
      const plain = NAUGHTY_NAMES.filter(isPlain).flatMap(({ shown }) =>
        [shown, `${shown}/inside`].slice(0, depth),
      )
      expect(asTheyAre.sort()).toEqual(plain.sort())
    },
  )

  test('a file of any name is written as it was given, and a change of it is taken back', async () => {
    mkdirSync(at(door))
    // Half by each door: what is not as it is shown by the one of which the changes are listed below.
    const named = NAMED_TEXTS.filter((one) => isPlain(one) === (door === 'stdio'))
    await each(named, async (one) => {
      const [path, content] = [`${at(door)}/${one.bytes}`, `${one.bytes}`]
      const { body } = await onWeb('write_file', { path, content })
      expect(readFileSync(path), one.name).toEqual(one.bytes)
      if (isPlain(one)) expect(body).toMatchObject({ path, control_sequences: 0 })
    })
    const path = at(`all-${door}`)
    await onWeb('write_file', { path, content: ALL_TEXTS })
    const edits = [{ old_text: ALL_TEXTS, new_text: `${ALL_TEXTS}\n${ALL_TEXTS}` }]
    const { body } = await onWeb('edit_file', { path, edits })
    expect(readFileSync(path, 'utf8')).toBe(edits[0]?.new_text)
    await doors.ask(door, 'undo_change', { change_id: body.change_id })
    expect(readFileSync(path, 'utf8')).toBe(ALL_TEXTS)
  })

  test('what is transferred is the same byte by byte, its names too', async () => {
    const name = door === 'HTTP' ? 'names' : 'contents'
    const [from_path, to_path] = [at(name), at(`copied-${name}`)]
    const ends = { from_host: 'web', from_path, to_host: 'web', to_path, recursive: true }
    const { body } = await doors.ask(door, 'transfer_file', ends)
    expect(body).toMatchObject({ files: readdirSync(from_path).length, skipped: [] })
    expect(filesIn(to_path)).toEqual(filesIn(from_path))
  })

  test('pages of output are the whole of it together, wherever they are cut', async () => {
    const { body } = await onWeb('execute_command', {
      command: `for f in ${at('contents')}/*; do cat $f; echo; done`,
    })
    let [offset, text, more] = [0, '', true]
    while (more) {
      const asked = { command_id: body.command_id, stream: 'stdout', offset, max_bytes: 501 }
      const { body: page } = await doors.ask(door, 'get_command_output', asked)
      text += page.output
      ;[offset, more] = [Number(page.next_offset), page.has_more === true]
    }
    expect(text).toBe(NAUGHTY.map(({ shown }) => `${shown}\n`).join(''))
  })

  test('a terminal shows what it came to, and goes on', async () => {
    const { body } = await onWeb('open_session', { kind: 'terminal' })
    const shown = `cat ${at('contents')}/*; reset; echo still $((1+1)) here`
    const input = [{ text: shown }, { key: 'Enter' }]
    const { text } = await onWeb('use_terminal', { session: body.session, input, pattern: 'still 2 here' })
    expect(text).toContain('still 2 here')
  })
})

const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')

describe('afterwards', () => {
  test('the command line tells each thing in lines of its own', async () => {
    expect(await doors.type('hosts', 'list')).toHaveLength(5 + DESCRIBED.length)
    const changes = await doors.type('changes', 'list')
    expect(changes).toHaveLength(NAMED_TEXTS.filter((one) => !isPlain(one)).length + 3)
    const [made = ''] = changes.find((line) => line.includes('restore_file'))?.split('\t') ?? []
    expect((await doors.type('changes', 'undo', '--dry-run', made)).length).toBeGreaterThan(100)
    const requests = await doors.type('approvals', 'list')
    expect(requests.filter((line) => /^cmd_\S+ +waiting$/.test(line))).toHaveLength(NAUGHTY_TEXTS.length)
    expect(requests.filter((line) => !/^(cmd_\S+|[a-z]+) +\S|^$/.test(line))).toEqual([])
    const reason = ALL_TEXTS.slice(-400)
    expect(await doors.type('locks', 'add', '--host', 'described-0', '--reason', reason)).toHaveLength(1)
    expect(await doors.type('locks', 'list')).toHaveLength(1)
    expect((await doors.type('taints', 'list')).join('\n')).toContain('a text that gives orders to a model')
    writeFileSync(at('other-rules.yaml'), 'rules: [{name: no-more, effect: deny}]\n')
    const other = ['--rules', at('other-rules.yaml')]
    const replayed = await doors.type('policy', 'replay', ...other, '--samples', '999999')
    expect(replayed.length).toBeGreaterThan(NAUGHTY_TEXTS.length)
    await doors.type('policy', 'check', '--host', 'asks', '--as', 'api_key', '--', ALL_TEXTS)
    await doors.type('policy', 'suggest')
    for (const args of ['approvals list', 'taints list', 'locks list', `policy replay ${other.join(' ')}`])
      JSON.parse((await doors.type(...args.split(' '), '--json')).join('\n'))
    for (const path of ['changes', 'approvals', 'locks', 'taints', 'stats', 'hosts']) await doors.fetch(path)
  })

  test('the audit has a record a line, with every command exactly as it was asked', () => {
    for (const { directory } of [home, stdioHome]) {
      const lines = auditLines(join(directory, 'state'))
      const records = lines.map((line) => JSON.parse(line) as AuditRecord)
      expect(records.filter(({ type: what }) => what === 'call.forged')).toEqual([])
      const asked = new Set(records.map(({ host, command }) => host === 'asks' && command))
      for (const { bytes, name } of NAUGHTY_TEXTS) expect(asked.has(words(`${bytes}`)), name).toBe(true)
      doors.note(`audit of ${directory}`, ...lines)
    }
  })

  test.each([
    ['text', () => home, /^20(?!30)\d\d-\d\d-\d\d [\d:]{8} [A-Z]+ \S/],
    ['JSON', () => stdioHome, /^\{"at":"20(?!30)[^"]+","level":"[A-Z]+",.*\}$/],
  ] as const)('the log as %s has an event a line', (format, of, form) => {
    const lines = linesOf(join(of().directory, 'bridge.log'))
    expect(lines.length).toBeGreaterThan(NAUGHTY.length)
    expect(lines.filter((line) => !form.test(line) || (format === 'JSON' && !JSON.parse(line)))).toEqual([])
    doors.note(`log as ${format}`, ...lines, product.stderr())
  })

  test('nothing that was given steers a terminal or deceives a reader, and nothing came that was not asked for', () => {
    const raw = [...doors.given].flatMap(([where, texts]) => {
      const found = texts.map(rawControl).find((one) => one !== undefined)
      return found === undefined ? [] : [`${where}: ${found}`]
    })
    expect([raw, doors.strays]).toEqual([[], []])
    expect(doors.given.size).toBeGreaterThan(30)
  })
})
