import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Announcement } from './announcement.ts'

const NONCE = '0123456789abcdef0123456789abcdef'

function take(chunks: readonly string[]) {
  let passed = ''
  const announcement = new Announcement(NONCE, (chunk) => {
    passed += chunk.toString()
  })
  for (const chunk of chunks) announcement.push(Buffer.from(chunk))
  const beforeFlush = passed
  announcement.flush()
  return { passed, beforeFlush, processGroup: announcement.processGroup }
}

describe('the announcement of the process id', () => {
  test('is taken out wherever the stream is cut, and every other byte is passed on', () => {
    const whole = `noise of a start-up file\n${NONCE} 4711\nan error\n`
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const chunks = edges.slice(1).map((edge, index) => whole.slice(edges[index], edge))
        expect(take(chunks)).toMatchObject({
          passed: 'noise of a start-up file\nan error\n',
          processGroup: 4711,
        })
      }),
    )
  })

  test('is taken once: a later one is output', () => {
    const { passed, processGroup } = take([`${NONCE} 4711\n`, `${NONCE} 4712\n`])
    expect({ passed, processGroup }).toEqual({ passed: `${NONCE} 4712\n`, processGroup: 4711 })
  })

  test.each(['0', '1', '-1', 'x', ''])('with the id %j names no process group', (pid) => {
    expect(take([`${NONCE} ${pid}\n`]).processGroup).toBeUndefined()
  })

  test('that never comes holds nothing back at the end', () => {
    expect(take(['sh: not found\n'])).toMatchObject({ passed: 'sh: not found\n', processGroup: undefined })
  })

  test('is not waited for behind 64 KiB of something else', () => {
    const flood = 'x'.repeat(70_000)
    expect(take([flood, 'more']).beforeFlush).toBe(`${flood}more`)
  })
})
