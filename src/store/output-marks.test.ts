import { describe, expect, test } from 'vitest'
import { OutputMarks } from './output-marks.ts'

const KIB = 1024
const GIB = 1024 * 1024 * KIB

describe('the index of an output file', () => {
  test('begins at the beginning', () => {
    const marks = new OutputMarks()
    expect(marks.before('output', 0)).toEqual({ position: 0, stdout: 0, stderr: 0 })
    expect(marks.before('stderr', 99)).toEqual({ position: 0, stdout: 0, stderr: 0 })
  })

  test('finds the last mark that does not lie behind an offset, past all that is of the other stream', () => {
    const marks = new OutputMarks()
    for (let index = 1; index <= 10; index += 1) marks.add(index * 64 * KIB, index * 1_000, index > 5 ? 7 : 0)
    expect(marks.before('stdout', 2_999).position).toBe(2 * 64 * KIB)
    expect(marks.before('stdout', 3_000).position).toBe(3 * 64 * KIB)
    expect(marks.before('stderr', 6).position).toBe(5 * 64 * KIB)
    expect(marks.before('stderr', 7).position).toBe(10 * 64 * KIB)
    expect(marks.before('output', 6_006).position).toBe(5 * 64 * KIB)
    expect(marks.before('output', 6_007).position).toBe(6 * 64 * KIB)
  })

  test('for 50 GiB takes less than a quarter of a MiB, and still leads close to any offset', () => {
    const marks = new OutputMarks()
    const frame = 32 * KIB
    for (let at = 0; at < 50 * GIB; at += frame) marks.add(at, at, 0)
    expect(marks.bytes).toBeLessThanOrEqual(256 * KIB)
    for (const offset of [0, 1, GIB, 17 * GIB + 5, 50 * GIB - 1]) {
      const { position, stdout } = marks.before('stdout', offset)
      expect(stdout).toBe(position)
      expect(offset - position).toBeGreaterThanOrEqual(0)
      expect(offset - position).toBeLessThan(32 * 1024 * KIB)
    }
  })
})
