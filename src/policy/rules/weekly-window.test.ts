import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTimeZone, isWithin, parseDays, parseTimeOfDay, type WeeklyWindow } from './weekly-window.ts'

const window = (days: string, from: string, to: string, timeZone = 'UTC'): WeeklyWindow => ({
  days: new Set(parseDays(days)),
  fromMinute: parseTimeOfDay(from) ?? 0,
  toMinute: parseTimeOfDay(to) ?? 0,
  timeZone,
})

// 2026-03-29 is the Sunday on which Europe/Berlin goes from 02:00 to 03:00; 2026-10-25 the one on which it goes back.
const cases: [what: string, window: WeeklyWindow, at: string, expected: boolean][] = [
  ['the first minute is in it', window('mon', '08:00', '18:00'), '2026-01-05T08:00:00Z', true],
  ['the last one too', window('mon', '08:00', '18:00'), '2026-01-05T17:59:59Z', true],
  ['the end is not', window('mon', '08:00', '18:00'), '2026-01-05T18:00:00Z', false],
  ['a whole day has its last minute', window('mon', '00:00', '24:00'), '2026-01-05T23:59:59Z', true],
  ['and none of the next', window('mon', '00:00', '24:00'), '2026-01-06T00:00:00Z', false],
  ['days may go over the weekend', window('sat-mon', '00:00', '24:00'), '2026-01-04T12:00:00Z', true],
  ['and leave others out', window('sat-mon', '00:00', '24:00'), '2026-01-06T12:00:00Z', false],
  [
    'from an hour to the same hour is a whole day',
    window('mon', '08:00', '08:00'),
    '2026-01-06T07:59:00Z',
    true,
  ],
  ['and not more', window('mon', '08:00', '08:00'), '2026-01-06T08:00:00Z', false],
  ['a night of Sunday ends on Monday', window('sun', '22:00', '06:00'), '2026-01-05T05:00:00Z', true],
  [
    'another zone has another day',
    window('mon', '00:00', '24:00', 'Pacific/Auckland'),
    '2026-01-04T12:00:00Z',
    true,
  ],
  [
    'and its own midnight',
    window('mon', '00:00', '24:00', 'Pacific/Auckland'),
    '2026-01-05T12:00:00Z',
    false,
  ],
  ['half-hour zones count', window('mon', '08:00', '18:00', 'Asia/Kolkata'), '2026-01-05T02:30:00Z', true],
  ['before summer time', window('sat-sun', '08:00', '18:00', 'Europe/Berlin'), '2026-03-28T07:00:00Z', true],
  ['on its first day', window('sat-sun', '08:00', '18:00', 'Europe/Berlin'), '2026-03-29T06:00:00Z', true],
  [
    'the hour that is left out is in no window',
    window('sun', '02:00', '03:00', 'Europe/Berlin'),
    '2026-03-29T01:00:00Z',
    false,
  ],
  [
    'the hour that comes twice is in it twice',
    window('sun', '02:00', '03:00', 'Europe/Berlin'),
    '2026-10-25T00:30:00Z',
    true,
  ],
  ['the second time too', window('sun', '02:00', '03:00', 'Europe/Berlin'), '2026-10-25T01:30:00Z', true],
]

describe('hours of the week', () => {
  test.each(cases)('%s', (_, hours, at, expected) => {
    expect(isWithin(hours, new Date(at))).toBe(expected)
  })

  test('a window and what is left of the week share no minute and leave none out', () => {
    const minute = fc.integer({ min: 0, max: 1_440 })
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(minute, minute, instant, (one, other, at) => {
        const [fromMinute, toMinute] = [Math.min(one, other), Math.max(one, other)]
        fc.pre(fromMinute < toMinute && (fromMinute > 0 || toMinute < 1_440))
        const days = new Set([0, 1, 2, 3, 4, 5, 6])
        const inside = { days, fromMinute, toMinute, timeZone: 'Europe/Berlin' }
        const outside = { ...inside, fromMinute: toMinute % 1_440, toMinute: fromMinute || 1_440 }
        expect(isWithin(inside, at)).toBe(!isWithin(outside, at))
      }),
    )
  })
})

test.each(['', 'monday', 'mon-', 'mon-tue-wed', 'mon,tue', '0'])('%j is no day', (text) => {
  expect(parseDays(text)).toBeUndefined()
})

test.each(['', '8:00', '08:60', '24:01', '08:00:00', '0800'])('%j is no time of day', (text) => {
  expect(parseTimeOfDay(text)).toBeUndefined()
})

test('a time zone is one that the system knows', () => {
  expect(['UTC', 'Europe/Berlin', 'America/New_York'].map(isTimeZone)).toEqual([true, true, true])
  expect(['', 'Berlin', 'Europe/Berln', '../etc'].map(isTimeZone)).toEqual([false, false, false, false])
})
