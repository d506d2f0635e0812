import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { loadConfig } from './load-config.ts'
import { problemLine } from './problem.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

async function load(text: string) {
  const loaded = await loadConfig(folder.write('config.yaml', text), {})
  return loaded.ok
    ? { config: loaded.config, lines: [] }
    : {
        config: undefined,
        lines: loaded.problems.map((problem) => problemLine(problem).replace(/^.*config/, 'config')),
      }
}

describe('what is recognised', () => {
  test('is chosen by kinds, and nothing is a choice too', async () => {
    const few = await load('redaction: {recognise: [jwt, private_key]}\n')
    expect(few.config?.redaction.recognise).toEqual(new Set(['jwt', 'private_key']))
    const none = await load('redaction: {recognise: []}\n')
    expect(none.config?.redaction.recognise).toEqual(new Set())
  })

  test('is not a word that is no kind', async () => {
    expect((await load('redaction: {recognise: [jwt, jwts]}\n')).lines).toEqual([
      expect.stringMatching(/^config\.yaml:1:\d+: .*must be one of private_key, cloud_key, .*, assignment$/),
    ])
    for (const wrong of ['some', 'true'])
      expect((await load(`redaction: {recognise: ${wrong}}\n`)).lines).toEqual([
        expect.stringContaining('must be all or a list of texts'),
      ])
  })

  test('may be more, by patterns with one group', async () => {
    const { config } = await load("redaction: {extra: ['badge-(\\d{8})', '(?i)pin[:=] ?(\\d{4,8})']}\n")
    expect(config?.redaction.extra.map(({ source }) => source)).toEqual([
      'badge-(\\d{8})',
      '(?i)pin[:=] ?(\\d{4,8})',
    ])
  })

  const wrong: [string, string, RegExp][] = [
    ['that is none', '(', /must be of RE2's syntax.*missing closing \)/],
    ['that looks around', '(?<=a)(b)', /must be of RE2's syntax, without look-around/],
    ['that refers back', '(a)\\1', /must be of RE2's syntax/],
    ['without a group', 'badge-\\d+', /must have one group, around what is taken out/],
    ['with two groups', '(a)(b)', /must have one group/],
    ['of nested counts', '((?:a{1,100}){1,100})', /smaller counts|too large|RE2/],
    ['that is in every text', '(a*)', /must not match the empty text/],
  ]
  test.each(wrong)('is no pattern %s, which is said with its place', async (_, pattern, said) => {
    const { lines } = await load(`redaction:\n  extra:\n    - '${pattern}'\n`)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^config\.yaml:3:7: /)
    expect(lines[0]).toMatch(said)
  })
})
