import { describe, expect, test } from 'vitest'
import { NOTHING_CLEANED } from '../../domain/cleaned.ts'
import { commandIdOf } from '../../domain/command.ts'
import { hostName } from '../../domain/host.ts'
import { Folding } from './folding.ts'
import type { FanOutResult, HostResult } from './host-result.ts'

const OK: FanOutResult = { kind: 'exited', code: 0 }
const FAILED: FanOutResult = { kind: 'exited', code: 1 }

describe('folding', () => {
  test('tells of twenty long results a part each, all together within the total, and how to read the others', () => {
    const told = fold(numbered(200, (host) => result(host, OK, `${host} ${'x'.repeat(10_000)}`)))
    expect(told.groups).toHaveLength(20)
    expect(bytes(told.groups)).toBeLessThan(25 * 1024)
    for (const { output } of told.groups)
      expect(output).toMatch(/^n\d+ x+\n\[\.\.\. \d+ of 10005 bytes left out here \.\.\.\]\nx+$/)
    expect(told.omittedGroups).toBe(180)
    expect(told.omittedHosts).toHaveLength(180)
    expect(told.omittedHosts[0]).toEqual({ host: 'n021', command: 'cmd_n021' })
  })

  test('tells all of two hundred results when they are short', () => {
    const told = fold(numbered(200, (host) => result(host, OK, host)))
    expect(told).toMatchObject({ groups: { length: 200 }, omittedGroups: 0, omittedHosts: [] })
  })

  test('gives what short results leave to the long ones', () => {
    const short = numbered(15, (host) => result(host, OK, host))
    const long = numbered(5, (host) => result(`l${host}`, OK, `l${host}${'y'.repeat(1_900)}`))
    const told = fold([...short, ...long])
    expect(told.groups.every(({ truncated }) => !truncated)).toBe(true)
  })

  test('always tells the largest success, however much differs', () => {
    const failures = numbered(100, (host) => result(`f${host}`, FAILED, `${host} ${'x'.repeat(3_000)}`))
    const successes = numbered(50, (host) => result(`s${host}`, OK, 'fine'))
    const told = fold([...failures, result('odd', OK, 'odd'), ...successes])
    expect(told.groups).toHaveLength(20)
    expect(told.groups.at(-1)).toMatchObject({ hosts: { length: 50 }, output: 'fine' })
    expect(told.omittedHosts.map(({ host }) => host)).toContain('odd')
  })

  test('puts failures before what is not known, unreachable and refused, and the larger group first', () => {
    const told = fold([
      result('a', OK, ''),
      result('b', { kind: 'denied', code: 'host_not_found', reason: 'no' }, ''),
      result('c', { kind: 'unreachable', code: 'host_unreachable', reason: 'gone' }, ''),
      result('d', { kind: 'cancelled', reason: 'gone' }, ''),
      result('e', { kind: 'unknown', reason: 'lost' }, ''),
      result('f', { kind: 'timed_out', reason: 'late' }, ''),
      result('g', { kind: 'killed', signal: 'SEGV' }, ''),
      result('h', FAILED, 'one'),
      result('i', FAILED, 'two'),
      result('j', FAILED, 'two'),
    ])
    expect(told.groups.map(({ hosts }) => hosts.join(''))).toEqual([
      'ij',
      'h',
      'g',
      'f',
      'e',
      'd',
      'c',
      'b',
      'a',
    ])
  })

  test('keeps the handles with their hosts', () => {
    const told = fold(['c', 'a', 'b'].map((host) => result(host, OK, 'same')))
    expect(told.groups[0]).toMatchObject({ hosts: ['a', 'b', 'c'], commands: ['cmd_a', 'cmd_b', 'cmd_c'] })
  })

  test('does not take different exit statuses or signals for the same', () => {
    const told = fold([
      result('a', FAILED, 'x'),
      result('b', { kind: 'exited', code: 2 }, 'x'),
      result('c', OK, 'x'),
    ])
    expect(told.groups).toHaveLength(3)
  })
})

describe('reasons that name their host', () => {
  const gone = (reason: string): FanOutResult => ({ kind: 'unreachable', code: 'host_unreachable', reason })

  test('are the same for all, and name a host that is alone', () => {
    const alone = fold([result('web-1', gone('web-1 did not answer.'), '')])
    expect(alone.groups[0]?.result).toEqual(gone('web-1 did not answer.'))
    const many = fold(
      ['web-1', 'web-10', 'web-1.eu'].map((host) =>
        result(host, gone(`${host} did not answer. Ask ${host}.`), ''),
      ),
    )
    expect(many.groups.map(({ result: { kind }, hosts }) => [kind, hosts.length])).toEqual([
      ['unreachable', 3],
    ])
    expect(many.groups[0]?.result).toEqual(gone('HOST did not answer. Ask HOST.'))
  })

  test('keep the names of others, though they begin alike', () => {
    const between = gone('web-10, web-1.eu and x-web-1 are between')
    const told = fold([result('web-1', between, ''), result('other', between, '')])
    expect(told.groups).toMatchObject([{ hosts: ['other', 'web-1'], result: between }])
  })
})

function fold(results: readonly HostResult[]) {
  const folding = new Folding()
  for (const one of results) folding.add(one)
  return folding.told()
}

function result(host: string, ended: FanOutResult, output: string): HostResult {
  const command = commandIdOf({ id: `call_${host}` })
  const outputBytes = Buffer.byteLength(output)
  return {
    host: hostName(host),
    command,
    result: ended,
    output,
    outputBytes,
    truncated: false,
    digest: output,
    cleaned: NOTHING_CLEANED,
  }
}

function numbered(count: number, make: (host: string) => HostResult): HostResult[] {
  return Array.from({ length: count }, (_, index) => make(`n${String(index + 1).padStart(3, '0')}`))
}

function bytes(groups: readonly { readonly output: string }[]): number {
  return groups.reduce((sum, { output }) => sum + Buffer.byteLength(output), 0)
}
