import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callId, MemoryCommands } from '../../../test/kit/command-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { commandIdOf, type OutputStream } from '../../domain/command.ts'
import { systemClock } from '../../lib/clock.ts'
import { type AnyStream, CommandOutput } from './command-output.ts'
import { OutputQuota } from './output-quota.ts'
import { readPiece } from './page.ts'
import { linePattern, search } from './search.ts'

const STREAMS: readonly AnyStream[] = ['stdout', 'stderr', 'output']
const ROOMY = { commandBytes: 2 ** 30, totalBytes: 2 ** 30 }

function newOutput(limits = ROOMY, store = new MemoryCommands()) {
  const faults: unknown[] = []
  const quota = new OutputQuota(
    () => limits,
    () => undefined,
  )
  const id = commandIdOf({ id: callId() })
  const output = new CommandOutput({
    open: () => store.openOutput(id),
    quota,
    onFault: (fault) => faults.push(fault),
  })
  return { output, faults, quota }
}

type Piece = readonly [OutputStream, Buffer]

const pieces = fc.array(
  fc.tuple(fc.constantFrom<OutputStream>('stdout', 'stderr'), fc.uint8Array({ minLength: 1, maxLength: 50 })),
  { maxLength: 30 },
)

function all(given: readonly Piece[], stream: AnyStream): Buffer {
  return Buffer.concat(given.filter(([of]) => stream === 'output' || of === stream).map(([, chunk]) => chunk))
}

describe('the output of a command', () => {
  test('is read as it came, each stream and both together, in memory and in the store, before and after the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.nat(30),
        fc.nat(400),
        fc.nat(400),
        async (given, keptAt, offset, length) => {
          const { output } = newOutput()
          const pushed = given.map(([stream, bytes]): Piece => [stream, Buffer.from(bytes)])
          for (const [index, [stream, chunk]] of pushed.entries()) {
            if (index === keptAt) output.keep()
            output.push(stream, chunk)
          }
          await output.settled()
          for (const isClosed of [false, true]) {
            if (isClosed) await output.close()
            for (const stream of STREAMS) {
              const expected = all(pushed, stream)
              expect(output.total(stream)).toBe(expected.length)
              expect(output.kept(stream)).toBe(expected.length)
              expect(await output.read(stream, offset, length)).toEqual(
                expected.subarray(offset, offset + length),
              )
              const end = await output.end(stream, length)
              expect(end.bytes).toEqual(expected.subarray(Math.max(0, expected.length - length)))
            }
          }
        },
      ),
    )
  })

  test('stays in memory while it is short, and goes to the store whole once it is long', async () => {
    const { output } = newOutput()
    output.push('stdout', Buffer.alloc(64 * 1024, 'a'))
    expect([output.isStored, output.inMemoryBytes]).toEqual([false, 65_536])
    output.push('stdout', Buffer.from('b'))
    await output.settled()
    expect([output.isStored, output.inMemoryBytes, output.kept('stdout')]).toEqual([true, 0, 65_537])
    expect((await output.read('stdout', 65_530, 100)).toString()).toBe('aaaaaab')
  })

  test('beyond what may be kept is counted, and its end is there', async () => {
    const { output } = newOutput({ commandBytes: 100_000, totalBytes: 2 ** 30 })
    for (let index = 0; index < 40; index += 1)
      output.push('stdout', Buffer.alloc(10_000, String(index % 10)))
    output.push('stdout', Buffer.from('the end'))
    await output.close()
    expect([output.total('stdout'), output.kept('stdout')]).toEqual([400_007, 100_000])
    const end = await output.end('stdout', 10)
    expect([end.bytes.toString(), end.offset]).toEqual(['999the end', 399_997])
    expect(await output.read('stdout', 100_000, 10)).toHaveLength(0)
  })

  test('of all commands together takes no more room than is given, and gives it back when it is forgotten', async () => {
    const limits = { commandBytes: 2 ** 30, totalBytes: 100_000 }
    const { output, quota } = newOutput(limits)
    output.push('stdout', Buffer.alloc(150_000))
    await output.close()
    expect([output.kept('stdout'), quota.take(1, 0)]).toEqual([100_000, 0])
    output.forget()
    expect(quota.take(70_000, 0)).toBe(70_000)
  })

  test('that the disk refuses is told once, counted on, and its end is there', async () => {
    const store = new MemoryCommands()
    store.openOutput = async () => {
      throw new Error('ENOSPC')
    }
    const { output, faults } = newOutput(ROOMY, store)
    output.push('stdout', Buffer.alloc(70_000, 'a'))
    await output.settled()
    output.push('stdout', Buffer.from('last'))
    await output.close()
    expect(faults).toHaveLength(1)
    expect(output.total('stdout')).toBe(70_004)
    expect((await output.end('stdout', 4)).bytes.toString()).toBe('last')
  })

  test('makes the host wait while the disk is behind, and no longer', async () => {
    const store = new MemoryCommands()
    const open = store.openOutput.bind(store)
    let write = () => {}
    store.openOutput = async (id) => {
      const file = await open(id)
      const slow = new Promise<void>((resolve) => {
        write = resolve
      })
      return { ...file, bytes: file.bytes, append: (added) => slow.then(() => file.append(added)) }
    }
    const { output } = newOutput(ROOMY, store)
    output.keep()
    expect(output.push('stdout', Buffer.alloc(1_000))).toBeUndefined()
    const pressure = output.push('stdout', Buffer.alloc(1_100_000))
    expect(pressure).toBeInstanceOf(Promise)
    await Promise.resolve()
    write()
    await pressure
    expect(output.push('stdout', Buffer.alloc(1))).toBeUndefined()
    await output.settled()
  })
})

describe('a page', () => {
  const SECRET = 'correct-horse'
  const secret = redactorOf(SECRET)

  test('after the other gives the whole output back, whatever their size: no character split, no byte lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 4, max: 50 }),
        async (text, size) => {
          const { output } = newOutput()
          output.push('stdout', Buffer.from(text))
          let [offset, read] = [0, '']
          while (offset < output.total('stdout')) {
            const piece = await readPiece(output, redactorOf(), 'stdout', offset, size, true)
            expect(piece.offset).toBe(offset)
            expect(piece.nextOffset).toBeGreaterThan(offset)
            expect(piece.text).not.toContain('\ufffd')
            read += piece.text
            offset = piece.nextOffset
          }
          expect(read).toBe(text)
        },
      ),
    )
  })

  test('never shows a part of a secret, wherever its edges fall', async () => {
    const { output } = newOutput()
    const text = `before ${SECRET} between ${SECRET}${SECRET} after`
    output.push('stdout', Buffer.from(text))
    for (let size = 4; size < text.length; size += 1)
      for (let start = 0; start < text.length; start += 1) {
        let [offset, read] = [start, '']
        while (offset < text.length) {
          const piece = await readPiece(output, secret, 'stdout', offset, size, true)
          read += piece.text
          offset = piece.nextOffset
        }
        for (const part of ['corre', 'horse', 't-h']) expect(read, `${start} ${size}`).not.toContain(part)
        if (start === 0) expect(read).toBe('before [redacted] between [redacted][redacted] after')
      }
  })

  test('of a running command waits for the rest of a character', async () => {
    const { output } = newOutput()
    output.push('stdout', Buffer.from([0x61, 0xe2, 0x82]))
    expect(await readPiece(output, secret, 'stdout', 0, 100, false)).toMatchObject({
      text: 'a',
      nextOffset: 1,
    })
    output.push('stdout', Buffer.from([0xac]))
    expect(await readPiece(output, secret, 'stdout', 1, 100, false)).toMatchObject({
      text: '€',
      nextOffset: 4,
    })
  })
})

describe('a search', () => {
  async function found(text: string, pattern: string, length = 1_000, isOver = true) {
    const { output } = newOutput()
    output.push('stdout', Buffer.from(text))
    await output.settled()
    return search(
      output,
      redactorOf('correct-horse'),
      'stdout',
      { offset: 0, length, pattern: linePattern(pattern) },
      isOver,
      systemClock,
    )
  }

  test('gives each matching line behind the offset at which it begins', async () => {
    expect(await found('one\ntwo é\nthree\n', 'e')).toMatchObject({
      text: '0:one\n11:three',
      matches: 2,
      nextOffset: 17,
    })
  })

  test('of a long output finds lines across its blocks, and goes on where a page was full', async () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `line ${index}`).join('\n')
    const { output } = newOutput()
    output.push('stdout', Buffer.from(text))
    await output.settled()
    let [offset, lines] = [0, [] as string[]]
    for (;;) {
      const asked = { offset, length: 2_000, pattern: linePattern('^line \\d*99$') }
      const page = await search(output, redactorOf(), 'stdout', asked, true, systemClock)
      if (page.text !== '') lines = lines.concat(page.text.split('\n'))
      if (page.nextOffset === offset || page.nextOffset >= text.length) break
      offset = page.nextOffset
    }
    expect(lines).toHaveLength(600)
    for (const line of lines) {
      const [at = '', ...rest] = line.split(':')
      expect(text.slice(Number(at), Number(at) + rest.join(':').length)).toBe(rest.join(':'))
    }
  })

  test('leaves a last line that may still grow for later, unless the command is over', async () => {
    expect(await found('one\ntw', 'tw', 100, false)).toMatchObject({ matches: 0, nextOffset: 4 })
    expect(await found('one\ntw', 'tw', 100, true)).toMatchObject({ matches: 1, nextOffset: 6 })
  })

  test('looks at what the caller may see: a secret is not found by its letters', async () => {
    expect(await found('x correct-horse y\n', 'horse')).toMatchObject({ matches: 0 })
    expect(await found('x correct-horse y\n', 'redacted')).toMatchObject({ matches: 1 })
  })

  test('takes linear time, and a wrong pattern is refused in words', async () => {
    expect(await found(`${'a'.repeat(50_000)}\n`, '(a+)+$b')).toMatchObject({ matches: 0 })
    expect(() => linePattern('(?=x)')).toThrow(/pattern/)
  })
})
