import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { grammarsOf } from '../policy/grammar.ts'
import { BUILT_IN } from '../policy/grammars/list.ts'
import { understand } from '../policy/shell/understand.ts'
import { type LoadResult, loadConfig } from './load-config.ts'
import { problemLine } from './problem.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

async function load(text: string): Promise<LoadResult> {
  return loadConfig(folder.write('config.yaml', text), {}, { home: folder.home })
}

async function problems(text: string): Promise<string[]> {
  const result = await load(text)
  return result.ok ? [] : result.problems.map((one) => problemLine(one).replaceAll(`${folder.path}/`, ''))
}

const SHOPCTL = `programs:
  - program: shopctl shop
    environment: {SHOPCTL_PAGER: cat}
    flags: -v --verbose
    options:
      -c --config: path
      --format: [json, text]
      --since: /[0-9]+[hd]/
    subcommands:
      status list:
        inherit: true
        operands: [{is: name, count: any}]
      orders:
        subcommands:
          show: {operands: [{is: number}]}
  - program: ls
    flags: -l
`

describe('programs that an operator describes', () => {
  test('are known beside those that the bridge knows, and take their place', async () => {
    const result = await load(SHOPCTL)
    if (!result.ok) throw new Error(result.problems.map(problemLine).join('\n'))
    const grammars = grammarsOf(BUILT_IN, result.config.programs)
    const classOf = (command: string) => {
      const understanding = understand(command, grammars)
      return understanding.kind === 'understood' ? understanding.parts.map((part) => part.class) : 'opaque'
    }
    expect(classOf('shopctl -c /etc/shop.yaml status web --format=json')).toEqual(['read'])
    expect(classOf('shop orders show 12')).toEqual(['read'])
    expect(classOf('shop orders cancel 12')).toEqual(['run'])
    expect(classOf('shop --since 3w list')).toEqual(['run'])
    expect(classOf('ls -l')).toEqual(['read'])
    expect(classOf('ls -a')).toEqual(['run'])
    expect(classOf('ps aux')).toEqual(['read'])
  })

  test.each([
    [
      'an option without a dash',
      'flags: verbose',
      '3:12: `flags` is `verbose`, but must list options; verbose is none',
    ],
    [
      'letters that are no letters',
      'flags: -vv',
      '3:12: `flags` is `-vv`, but must not list -vv: with one dash it would be several letters; see bundles',
    ],
    ['an option twice', 'flags: -v -v', '3:12: `flags` must list -v once'],
    [
      'a kind that is none',
      'options: {-c: file}',
      '3:19: `-c` is `file`, but must be one of path, text, number, name, host, command, a list of values, or a pattern between slashes',
    ],
    [
      'a pattern that is none',
      'options: {-c: "/[/"}',
      '3:19: `-c` must be an RE2 pattern: error parsing regexp: missing closing ]: `[`. RE2 syntax: no look-around, no back-references',
    ],
    [
      'a need that is not listed',
      'needs: [-t]',
      '3:13: item 1 of `needs` is `-t`, but must name options that are listed here; -t is not',
    ],
    [
      'operands beside subcommands',
      'subcommands: {a: {}}\n    operands: [{is: text}]',
      '4:15: `operands` must not stand beside subcommands: each subcommand has its own',
    ],
    [
      'a mistake in a subcommand',
      'subcommands: {a: {below: -r}}',
      '3:30: `below` is `-r`, but must name options that are listed here; -r is not',
    ],
    ['an unknown key', 'flag: -v', '3:5: unknown key `flag`: did you mean `flags`?'],
    [
      'an unknown key of a subcommand',
      'subcommands: {a: {operand: 1}}',
      '3:23: unknown key `operand`: did you mean `operands`?',
    ],
  ])('are refused with %s, with its place', async (_title, text, problem) => {
    expect(await problems(`programs:\n  - program: x\n    ${text}\n`)).toEqual([`config.yaml:${problem}`])
  })
})
