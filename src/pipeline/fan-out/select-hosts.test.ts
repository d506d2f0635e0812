import { describe, expect, test } from 'vitest'
import { type Host, hostName } from '../../domain/host.ts'
import { selectHosts } from './select-hosts.ts'

const FLEET: readonly Host[] = [
  host('db-1', ['prod', 'db']),
  host('vault', ['prod', 'secret']),
  host('web-01', ['prod', 'web', 'eu west']),
  host('web-02', ['prod', 'web']),
  host('web-03', ['test', 'web']),
]

function select(
  selectors: readonly string[],
  { maxHosts = 100, asked = new Set<string>(), denied = [] as string[] } = {},
) {
  return selectHosts(selectors, {
    hosts: { list: () => FLEET, find: (name) => FLEET.find((one) => one.name === name) },
    reach({ name }) {
      asked.add(name)
      return name === 'vault' ? 'hidden' : denied.includes(name) ? 'refused' : 'open'
    },
    maxHosts,
  })
}

const selections: [selectors: string[], hosts: string[], refused: string[]][] = [
  [['web-01'], ['web-01'], []],
  [['web-02', 'web-01', 'web-02'], ['web-01', 'web-02'], []],
  [['web-*'], ['web-01', 'web-02', 'web-03'], []],
  [['web-[01-02]'], ['web-01', 'web-02'], []],
  [['tag:web'], ['web-01', 'web-02', 'web-03'], []],
  [['tag:eu*'], ['web-01'], []],
  [['tag:eu west'], ['web-01'], []],
  [['tag:web', '!tag:test'], ['web-01', 'web-02'], []],
  [['!web-02', 'tag:web'], ['web-01', 'web-03'], []],
  [['tag:prod', '!web-*'], ['db-1'], []],
  [['*', '!tag:drained'], ['db-1', 'web-01', 'web-02', 'web-03'], []],
  [['tag:prod'], ['db-1', 'web-01', 'web-02'], []],
  [['*'], ['db-1', 'web-01', 'web-02', 'web-03'], []],
  [['vault', 'nowhere', 'db-1'], ['db-1'], ['nowhere', 'vault']],
  [['nowhere'], [], ['nowhere']],
  [['WEB-01'], [], ['WEB-01']],
]

describe('selecting hosts', () => {
  test.each(selections)('%j', (selectors, hosts, refused) => {
    expect(select(selectors)).toEqual({ kind: 'selected', hosts, refused })
  })

  test('hosts within reach on which the rules deny the command are named with the others, to be told of', () => {
    expect(select(['web-*', 'db-1'], { denied: ['web-02', 'db-1'] })).toEqual({
      kind: 'selected',
      hosts: ['web-01', 'web-03'],
      refused: ['db-1', 'web-02'],
    })
    expect(select(['web-*', '!web-02'], { denied: ['web-02'] })).toMatchObject({ refused: [] })
  })

  test.each([
    [['tag:prdo'], '"tag:prdo"'],
    [['web-*', 'mail-*'], '"mail-*"'],
    [['tag:secret'], '"tag:secret"'],
    [['web-*', '!web-1'], '"!web-1"'],
    [['web-*', '!vault'], '"!vault"'],
    [['web-*', '!web-*'], '"web-* !web-*"'],
  ])('%j means no host: it says which and how to find out, and selects nothing', (selectors, named) => {
    expect(select(selectors)).toMatchObject({ kind: 'not_started', code: 'host_not_found' })
    expect(select(selectors)).toMatchObject({ message: expect.stringContaining(named) })
    expect(select(selectors)).toMatchObject({ message: expect.stringContaining('List the hosts') })
  })

  test('an unknown and a forbidden host look the same, by name, pattern and exclusion', () => {
    for (const of of [
      (name: string) => [name],
      (name: string) => [`${name}*`],
      (name: string) => ['*', `!${name}`],
    ])
      expect(JSON.stringify(select(of('vault'))).replaceAll('vault', 'nowhere')).toBe(
        JSON.stringify(select(of('nowhere'))),
      )
  })

  test.each([
    ['web 1'],
    ['!'],
    [''],
    ['tag:'],
    ['web-['],
    ['-rf'],
    ['!!web-01'],
    ['a/b'],
    [`${'a'.repeat(2_000)}*`],
  ])('%j is no selector', (text) => {
    expect(select([text])).toMatchObject({ kind: 'not_started', code: 'bad_request' })
  })

  test('nothing but exclusions is not everything else', () => {
    expect(select(['!web-01'])).toMatchObject({ kind: 'not_started', code: 'bad_request' })
    expect(select([])).toMatchObject({ kind: 'not_started', code: 'bad_request' })
  })

  test('more hosts than one call may have are refused before anything is run, as many are taken', () => {
    expect(select(['web-*', 'nowhere'], { maxHosts: 3 })).toMatchObject({
      kind: 'not_started',
      code: 'bad_request',
      message: expect.stringContaining('4 hosts are meant; at most 3'),
    })
    expect(select(['web-*'], { maxHosts: 3 })).toMatchObject({ kind: 'selected' })
  })

  test('a thousand patterns are refused, a thousand names are not', () => {
    const many = Array.from({ length: 1_000 }, () => 'web-01')
    expect(select(many.map((name) => `${name}*`))).toMatchObject({ code: 'bad_request' })
    expect(select(many)).toMatchObject({ kind: 'selected', hosts: ['web-01'] })
  })

  test('names of no hosts are refused one by one, and as a whole when they are made up by the hundred', () => {
    const madeUp = Array.from({ length: 101 }, (_, index) => `nowhere-${index}`)
    expect(select(['web-01', ...madeUp.slice(1)], { maxHosts: 5_000 })).toMatchObject({
      refused: { length: 100 },
    })
    expect(select(['web-01', ...madeUp], { maxHosts: 5_000 })).toMatchObject({
      kind: 'not_started',
      code: 'host_not_found',
      message: expect.stringContaining(
        '101 of the names are no hosts that you may use (nowhere-0, nowhere-1',
      ),
    })
  })

  test('the rules are asked about meant hosts alone, and once about each', () => {
    const asked = new Set<string>()
    select(['tag:test', 'web-03'], { asked })
    expect([...asked]).toEqual(['web-03'])
  })
})

function host(name: string, tags: readonly string[]): Host {
  return {
    name: hostName(name),
    description: '',
    tags,
    executionMode: 'exec',
    requiredScopes: [],
    allowsSudo: false,
    allowsTerminal: false,
  }
}
