import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wanted } from './edit.ts'
import { editJson } from './edit-json.ts'

const ENTRY = { command: 'node', args: ['main.js', '--stdio'] }
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  key: 'mcpServers',
  name: 'ssh',
  entry: ENTRY,
  replace: false,
  ...more,
})

function changed(text: string, more: Partial<Wanted> = {}, comments = true): string {
  const edited = editJson(text, wanted(more), comments)
  if (edited.kind !== 'changed') throw new Error(JSON.stringify(edited))
  return edited.text
}

describe('an entry in a JSON file', () => {
  test('comments, spaces and the order of everything else stay letter for letter', () => {
    const before = `{
\t// what I use every day
\t"editor": { "size": 12, }, /* big */
\t"servers": {
\t\t"files": { "command": "files" } // keep
\t},
}
`
    expect(changed(before, { key: 'servers' })).toBe(`{
\t// what I use every day
\t"editor": { "size": 12, }, /* big */
\t"servers": {
\t\t"files": { "command": "files" }, // keep
\t\t"ssh": {
\t\t\t"command": "node",
\t\t\t"args": [
\t\t\t\t"main.js",
\t\t\t\t"--stdio"
\t\t\t]
\t\t}
\t},
}
`)
  })

  test.each([
    ['an empty file', ''],
    ['a file of white space', ' \n'],
    ['an empty object', '{}'],
    ['an object with a comment in it', '{ // nothing yet\n}'],
    ['a file on one line', '{"a":1,"mcpServers":{"x":{"command":"y"}}}'],
    ['a file without the servers', '{\n  "a": [1, 2]\n}\n'],
    ['lines that end as on Windows', '{\r\n  "mcpServers": {}\r\n}\r\n'],
    ['a mark of the byte order', '\uFEFF{}'],
    ['a comma behind the last one', '{"mcpServers": {"x": {},},}'],
  ])('%s gets it, and asked again says that it is there', (_, before) => {
    const after = changed(before)
    expect(editJson(after, wanted(), true)).toEqual({ kind: 'same' })
    expect(after.includes('\r\n')).toBe(before.includes('\r\n'))
    if (before.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toContain('\n')
  })

  test('another entry of that name gives way only when it shall, and the rest stays', () => {
    const before = '{\n  "mcpServers": {\n    "ssh": { "command": "other" }, // mine\n    "x": {}\n  }\n}'
    expect(editJson(before, wanted(), true)).toEqual({ kind: 'taken' })
    const after = changed(before, { replace: true })
    expect(after).toContain('}, // mine\n    "x": {}')
    expect(after).not.toContain('other')
    expect(editJson(after, wanted(), true)).toEqual({ kind: 'same' })
  })

  test('the members of an entry may stand in another order', () => {
    const before = '{"mcpServers": {"ssh": {"args": ["main.js", "--stdio"], "command": "node"}}}'
    expect(editJson(before, wanted(), true)).toEqual({ kind: 'same' })
  })

  test('a question for the key is added once, and stays as somebody worded it', () => {
    const inputs = [{ type: 'promptString', id: 'bridge-key', description: 'API key', password: true }]
    const first = changed('{"inputs": [{"id": "other", "type": "promptString"}]}', { inputs })
    expect(JSON.parse(first).inputs).toEqual([{ id: 'other', type: 'promptString' }, ...inputs])
    expect(editJson(first, wanted({ inputs }), true)).toEqual({ kind: 'same' })
    const reworded = first.replace('API key', 'The key')
    expect(editJson(reworded, wanted({ inputs }), true)).toEqual({ kind: 'same' })
  })

  test.each([
    ['broken', '{"a": 1,, "b": 2}', '1:9: a key in quotes is expected'],
    ['not ended', '{"a": {', '1:8: a key in quotes is expected'],
    ['no object', '[1]', '1:1: the file should be an object: { … }'],
    ['with servers that are none', '{"mcpServers": []}', '1:16: "mcpServers" should be an object: { … }'],
    ['with the servers twice', '{"mcpServers": {},\n "mcpServers": {}}', '2:16: "mcpServers" is there twice'],
    ['with more behind its end', '{} {}', '1:4: nothing may follow the value'],
    [
      'with a bad escape',
      '{"a": "\\x"}',
      '1:7: this text in quotes does not end, or holds what must be escaped',
    ],
    ['nested without end', '['.repeat(100_000), '1:201: it is nested deeper than 200'],
  ])('a file that is %s is refused with its place', (_, text, why) => {
    expect(editJson(text, wanted(), true)).toEqual({ kind: 'refused', why })
  })

  test('a client that knows no comments is not given a file with them', () => {
    expect(editJson('{} // x', wanted(), false)).toMatchObject({ kind: 'refused' })
    expect(editJson('{"a": 1,}', wanted(), false)).toMatchObject({ kind: 'refused' })
    expect(changed('{"a": 1}', {}, false)).toContain('"ssh"')
  })

  test('a text of ten million letters, or a comment of as many, is none too long', () => {
    const long = 'x'.repeat(1e7)
    expect(changed(JSON.stringify({ long }))).toContain('"ssh"')
    expect(changed(`{/*${long}*/}`)).toContain('"ssh"')
    expect(editJson(`{"long": "${long}`, wanted(), true)).toMatchObject({ kind: 'refused' })
  })

  test('whatever else a file says, it says afterwards too', () => {
    const key = fc.string().filter((text) => text !== 'mcpServers' && text !== '__proto__')
    const documents = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }))
    fc.assert(
      fc.property(documents, fc.constantFrom(0, 1, 2, 4, '\t'), fc.boolean(), (document, indent, has) => {
        const before = has ? { mcpServers: { other: document }, ...document } : document
        const after = changed(JSON.stringify(before, null, indent), {}, false)
        const { mcpServers: servers, ...rest } = JSON.parse(after)
        expect(rest).toEqual(JSON.parse(JSON.stringify(document)))
        expect(servers.ssh).toEqual(ENTRY)
        if (has) expect(servers.other).toEqual(JSON.parse(JSON.stringify(document)))
        expect(editJson(after, wanted(), false)).toEqual({ kind: 'same' })
      }),
      { numRuns: 300 },
    )
  })
})
