import { describe, expect, test } from 'vitest'
import { marksOf, parseCast, timesOf } from '../web/console/pages/recordings/cast.ts'
import { Transcript } from '../web/console/pages/recordings/transcript.ts'
import { withRoom } from './kit/room.ts'

const HEAD = '{"version":3,"term":{"cols":60,"rows":10},"title":"Terminal on web","command":"top"}'
const castOf = (...events: readonly (readonly [number, string, string])[]) =>
  parseCast([HEAD, ...events.map((event) => JSON.stringify(event))].join('\n'))

describe('a recording as the player takes it', () => {
  test('is an asciicast of version 3 and nothing else, whatever is in its lines', () => {
    expect(() => parseCast('{"version":2}\n')).toThrow('no asciicast of version 3')
    expect(() => parseCast('<script>')).toThrow('no asciicast of version 3')
    const cast = parseCast(`${HEAD}\n# a remark\n[1, "o", "a"]\n[1, "o"]\n{"o":1}\ntorn\n[-5, "o", "b"]\n`)
    expect(cast).toMatchObject({ columns: 60, rows: 10, title: 'Terminal on web', unreadable: 3 })
    expect(cast.events.map(({ atS, data }) => [atS, data])).toEqual([
      [1, 'a'],
      [1, 'b'],
    ])
  })

  test.each([
    ['1e9', 500],
    ['0', 80],
    ['-3', 80],
    ['"<b>"', 80],
    ['null', 80],
  ])('has a screen of a size that can be shown, where it says %s columns', (columns, shown) => {
    expect(parseCast(`{"version":3,"term":{"cols":${columns}}}`).columns).toBe(shown)
  })

  test('is played with no pause longer than the limit', () => {
    const cast = castOf([0.5, 'o', 'a'], [100, 'o', 'b'], [1, 'o', 'c'])
    expect(timesOf(cast, 2)).toEqual([0.5, 2.5, 3.5])
    expect(timesOf(cast, Number.POSITIVE_INFINITY)).toEqual([0.5, 100.5, 101.5])
  })

  test('leads to each line that was typed, from its first key on, to remarks and to the end', () => {
    const cast = castOf(
      [1, 'i', 'ec'],
      [1, 'o', 'ec'],
      [1, 'i', 'ho\r'],
      [1, 'm', 'cut'],
      [1, 'i', 'ls'],
      [1, 'x', '3'],
    )
    expect(marksOf(cast)).toEqual([
      { index: 0, kind: 'command', text: 'top' },
      { index: 0, kind: 'command', text: 'echo' },
      { index: 3, kind: 'remark', text: 'cut' },
      { index: 5, kind: 'end', text: 'exit status 3' },
      { index: 4, kind: 'command', text: 'ls' },
    ])
  })
})

describe('the text of a recording', () => {
  test('is what was shown without what steers a terminal', () => {
    const { text } = new Transcript(
      castOf([0, 'o', '\x1b[31mred\x1b[0m\r\n\x1b]0;title\x07a\tb'], [0, 'i', 'x'], [0, 'o', '\x1b[2Jc']),
    )
    expect(text).toBe('red\na\tbc')
  })

  test('is searched in any case, and each finding is where it was whole', () => {
    const transcript = new Transcript(
      castOf(
        [0, 'o', 'nee'],
        [0, 'm', 'x'],
        [0, 'o', '\x1b[1mDLE and '],
        [0, 'o', 'needle'],
        [0, 'o', 'end'],
      ),
    )
    expect(transcript.find('NEEDLE')).toEqual([2, 3])
    expect(transcript.find('d')).toEqual([2, 3, 4])
    expect(transcript.find('nowhere')).toEqual([])
    expect(transcript.find('')).toEqual([])
  })

  test('takes a time that grows with its length, whatever is in it', () => {
    const hostile = '\x1b]'.repeat(300_000)
    const startedMs = performance.now()
    expect(new Transcript(castOf([0, 'o', hostile], [0, 'o', 'found'])).find('found')).toEqual([1])
    expect(performance.now() - startedMs).toBeLessThan(withRoom(5_000))
  })
})
