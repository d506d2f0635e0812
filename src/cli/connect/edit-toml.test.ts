import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseToml as parse, tomlText } from '../../../test/kit/toml.ts'
import type { Wanted } from './edit.ts'
import { editToml } from './edit-toml.ts'

const ENTRY = { command: '/usr/bin/node', args: ['/opt/a "b"\\c/main.js', '--stdio'] }
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  key: 'mcp_servers',
  name: 'ssh',
  entry: ENTRY,
  replace: false,
  ...more,
})

function changed(text: string, more: Partial<Wanted> = {}): string {
  const edited = editToml(text, wanted(more))
  if (edited.kind !== 'changed') throw new Error(JSON.stringify(edited))
  return edited.text
}

const CONFIG = `# mine
model = "o4"   # the small one
when = 1979-05-27 07:32:00Z
notify = [
  "a", # first
  'b]',
]
prompt = """
[mcp_servers.ssh]
not = "a table" \\
"""

[mcp_servers.files]
command = "files"
env = { KEY = "s3cret", N = 1 }

[mcp_servers.files.tools."read.it"]
approve = true

# of the profiles
[[profiles]]
name = "work"
`

describe('a table in a TOML file', () => {
  test('is appended, and everything else stays letter for letter', () => {
    const after = changed(CONFIG)
    expect(after.startsWith(CONFIG)).toBe(true)
    const { mcp_servers: servers, ...rest } = parse(after) as { mcp_servers: Record<string, unknown> }
    const { mcp_servers: serversBefore, ...restBefore } = parse(CONFIG)
    expect(rest).toEqual(restBefore)
    expect(servers).toEqual({ ...(serversBefore as object), ssh: ENTRY })
    expect(editToml(after, wanted())).toEqual({ kind: 'same' })
  })

  test.each([
    ['an empty file', ''],
    ['a file that does not end its last line', 'model = "o4"'],
    ['lines that end as on Windows', 'model = "o4"\r\n'],
    ['a file of comments', '# nothing\n'],
  ])('%s gets it, and asked again says that it is there', (_, before) => {
    const after = changed(before)
    expect(parse(after)).toMatchObject({ mcp_servers: { ssh: ENTRY } })
    expect(editToml(after, wanted())).toEqual({ kind: 'same' })
    if (before.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toContain('\n')
  })

  test('another table of that name gives way only when it shall, with those below it, and its neighbours stay', () => {
    const old = '[mcp_servers.ssh]\nurl = "https://x"\n\n[mcp_servers.ssh.env]\nA = "b"\n\n# theirs\n'
    const before = `${old}[mcp_servers.files]\ncommand = "files"\n`
    expect(editToml(before, wanted())).toEqual({ kind: 'taken' })
    const after = changed(before, { replace: true })
    expect(parse(after)).toEqual({ mcp_servers: { ssh: ENTRY, files: { command: 'files' } } })
    expect(after).toContain('# theirs\n[mcp_servers.files]')
    expect(editToml(after, wanted())).toEqual({ kind: 'same' })
  })

  test('what is below the server becomes a table of its own', () => {
    const entry = { url: 'https://x/mcp', scopes: ['mcp:execute'], oauth: { client_id: 'me' } }
    const after = changed('', { entry })
    expect(parse(after)).toEqual({ mcp_servers: { ssh: entry } })
    expect(editToml(after, wanted({ entry }))).toEqual({ kind: 'same' })
  })

  test('texts of ten million letters are none too long, and a list without end is refused', () => {
    const long = 'x'.repeat(1e7)
    const before = `a = "${long}"\nb = """${long}"""\nc = '${long}'\nd = '''${long}'''\n`
    expect(changed(before).startsWith(before)).toBe(true)
    expect(editToml(`a = "${long}`, wanted())).toMatchObject({ kind: 'refused' })
    expect(editToml(`a = ${'['.repeat(1e5)}`, wanted())).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('nested deeper'),
    })
  })

  test('what looks like a header or an end inside a text is part of it', () => {
    const before =
      'a = "x\\"\\\\" # "\nb = """\n[mcp_servers.ssh]\n\\""" """""\nc = \'\'\'\n[mcp_servers.ssh]\'\'\'\'\n'
    const after = changed(before)
    const { mcp_servers: servers, ...rest } = parse(after)
    expect(servers).toEqual({ ssh: ENTRY })
    expect(rest).toEqual(parse(before))
  })

  test('a name in quotes is the same name', () => {
    expect(editToml('[mcp_servers."ssh"]\ncommand = "x"\n', wanted())).toEqual({ kind: 'taken' })
    expect(editToml("[ mcp_servers . 'ssh' ]\ncommand = 'x'\n", wanted())).toEqual({ kind: 'taken' })
  })

  test.each([
    ['an inline table of all servers', 'mcp_servers = { files = {} }'],
    ['an inline table of the server', '[mcp_servers]\nssh = { command = "x" }'],
    ['dotted keys', 'mcp_servers.ssh.command = "x"'],
    ['a list of tables', '[[mcp_servers]]\nname = "ssh"'],
  ])('servers that are written as %s are refused', (_, text) => {
    expect(editToml(text, wanted())).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('written in another form'),
    })
  })

  test.each([
    ['a value that is missing', 'a = \n', '1:5: a value is expected'],
    ['a text that does not end', 'a = "b\n', '1:5: a value is expected'],
    ['a header that does not end', '[a\n', '1:3: "]" is expected'],
    ['two pairs on one line', 'a = 1 b = 2', '1:6: the line should end here'],
    ['what is JSON', '{"a": 1}', '1:1: a key is expected'],
    ['a list that does not end', 'a = [1, 2', '1:10: "," or "]" is expected'],
  ])('%s is refused with its place', (_, text, why) => {
    expect(editToml(text, wanted())).toEqual({ kind: 'refused', why })
  })

  test('whatever else a file says, it says afterwards too', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => text !== 'mcp_servers' && text !== '__proto__')
    const value: fc.Arbitrary<unknown> = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
      fc.array(fc.string()),
      fc.dictionary(key, fc.oneof(fc.string(), fc.array(fc.dictionary(key, fc.string())))),
    )
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.boolean(), (document, has) => {
        const before = tomlText(has ? { ...document, mcp_servers: { other: document } } : document)
        const after = changed(before)
        const { mcp_servers: servers, ...rest } = parse(after) as { mcp_servers: Record<string, unknown> }
        const { mcp_servers: old = {}, ...restBefore } = parse(before)
        expect(rest).toEqual(restBefore)
        expect(servers).toEqual({ ...(old as object), ssh: ENTRY })
        expect(editToml(after, wanted())).toEqual({ kind: 'same' })
      }),
      { numRuns: 300 },
    )
  })
})
