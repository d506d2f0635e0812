import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { loadEditedRules } from './load-edited-rules.ts'

const CONFIG = `hosts:
  - {name: web-1, host: 192.0.2.1, username: u, agent: /a}
roles:
  - {name: ops, match: [{groups: [ops]}]}
rules:
  - {name: all, roles: [ops], effect: allow}
`

let folder: ConfigFolder
let file: string

beforeEach(() => {
  folder = configFolder()
  file = folder.write('config.yaml', CONFIG)
})

afterEach(() => folder.remove())

const load = (text: string) => loadEditedRules(text, file, { HOME: folder.home, TOKEN: 'canary-value' })

describe('edited rules', () => {
  test('stand in the place of those of the file; what they leave out stays', async () => {
    const loaded = await load('rules:\n  - {name: look, roles: [ops], actions: [read], effect: allow}\n')
    if (!loaded.ok) throw new Error(loaded.problems.join())
    expect(loaded.config.rules?.rules.map(({ name }) => name)).toEqual(['look'])
    expect(loaded.config.rules?.roles.map(({ name }) => name)).toEqual(['ops'])
    expect(loaded.config.hosts).toHaveLength(1)
  })

  test('that are wrong are told with their place in the text', async () => {
    const loaded = await load('rules:\n  - {name: x, roles: [opps], effect: allow}\n')
    expect(loaded).toEqual({ ok: false, problems: [expect.stringMatching(/^rules:2:\d+: .*opps/)] })
  })

  test.each([
    ['a variable', '${env:TOKEN}'],
    ['a file', '${file:canary.txt}'],
    ['a file, escaped', '\\u0024{file:canary.txt}'],
  ])(
    'that name a file or a variable of the machine are refused, and nothing of it is told (%s)',
    async (_, named) => {
      folder.write('canary.txt', 'canary-value')
      const loaded = await load(`rules:\n  - {name: a, effect: deny, reason: "${named}"}\n`)
      expect(loaded).toEqual({ ok: false, problems: [expect.stringContaining('are not read here')] })
      expect(JSON.stringify(loaded)).not.toContain('canary-value')
    },
  )

  test('say nothing else than who may do what', async () => {
    const loaded = await load('rules: []\nhosts: []\n')
    expect(loaded).toEqual({
      ok: false,
      problems: ['rules:2:1: only roles, rules, people can be tried out here'],
    })
  })

  test('of a file that has a problem itself are not asked, and of the problem is told that it is there', async () => {
    folder.write('config.yaml', `${CONFIG}servr: {}\n`)
    const loaded = await load('rules: []\n')
    expect(loaded).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^1 more in the file of the configuration/)],
    })
  })
})
