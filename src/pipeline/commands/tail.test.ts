import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Tail } from './tail.ts'

describe('the end of a stream', () => {
  test('is what was pushed last, however it was cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (chunks, limit) => {
          const tail = new Tail(limit)
          for (const chunk of chunks) tail.push(Buffer.from(chunk))
          const all = Buffer.concat(chunks)
          expect(tail.bytes()).toEqual(all.subarray(Math.max(0, all.length - limit)))
        },
      ),
    )
  })

  test('of 1 GB stays in bounded memory', () => {
    const tail = new Tail(1_024)
    const chunk = Buffer.alloc(32 * 1_024, 'x')
    for (let index = 0; index < 32_768; index += 1) tail.push(chunk)
    expect(tail.bytes().length).toBe(1_024)
  })
})
