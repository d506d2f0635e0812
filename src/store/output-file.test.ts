import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OutputStream } from '../domain/command.ts'
import { FramedOutput } from './output-file.ts'

type Piece = { readonly stream: OutputStream; readonly chunk: Buffer }
const STREAMS = ['stdout', 'stderr', 'output'] as const
const MIB = 1024 * 1024

let root = ''
let path = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'output-'))
  path = join(root, 'a.out')
})
afterEach(() => rmSync(root, { recursive: true }))

const out = (text: string): Piece => ({ stream: 'stdout', chunk: Buffer.from(text) })
const err = (text: string): Piece => ({ stream: 'stderr', chunk: Buffer.from(text) })

/** What a reader should see: the same pieces in memory. */
function expected(pieces: readonly Piece[], stream: OutputStream | 'output'): Buffer {
  return Buffer.concat(pieces.filter((p) => stream === 'output' || p.stream === stream).map((p) => p.chunk))
}

async function whole(file: FramedOutput): Promise<Record<(typeof STREAMS)[number], string>> {
  const texts = await Promise.all(STREAMS.map(async (stream) => (await file.read(stream, 0, MIB)).toString()))
  const [stdout = '', stderr = '', output = ''] = texts
  return { stdout, stderr, output }
}

describe('output on disk', () => {
  test('is read as it came, each stream alone and both in their order, also after it was opened again', async () => {
    const file = await FramedOutput.open(path)
    await file.append([out('one '), out('two '), err('oops ')])
    await file.append([err('again '), out('three')])
    const seen = { stdout: 'one two three', stderr: 'oops again ', output: 'one two oops again three' }
    expect(await whole(file)).toEqual(seen)
    expect(file.bytes).toEqual({ stdout: 13, stderr: 11 })
    expect((await file.read('output', 4, 8)).toString()).toBe('two oops')
    await file.close()

    const reopened = await FramedOutput.open(path)
    expect(await whole(reopened)).toEqual(seen)
    await reopened.append([out('!')])
    expect((await whole(reopened)).output).toBe(`${seen.output}!`)
    await reopened.close()
  })

  test('is readable by its owner alone', async () => {
    await (await FramedOutput.open(path)).close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('gives fewer bytes than asked for only at the end, none behind it, and refuses what is no place', async () => {
    const file = await FramedOutput.open(path)
    await file.append([out('abc')])
    expect((await file.read('stdout', 1, 100)).toString()).toBe('bc')
    expect((await file.read('stdout', 3, 100)).length).toBe(0)
    expect((await file.read('stdout', 99, 100)).length).toBe(0)
    expect((await file.read('stderr', 0, 100)).length).toBe(0)
    for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(file.read('stdout', offset, 1)).rejects.toThrow(RangeError)
    await expect(file.read('stdout', 0, -1)).rejects.toThrow(RangeError)
    await file.close()
  })

  test('whatever was appended in whatever interleaving is what is read, at every stream, offset and length', async () => {
    // Lengths around those of the header, of the blocks in which it is read, and of the marks of the index.
    const length = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(63, 64, 8_191, 8_192, 16_384, 70_000, 140_000),
    )
    const piece = fc.record({ stream: fc.constantFrom<OutputStream>('stdout', 'stderr'), length })
    const appends = fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 8 })
    const place = fc.record({
      stream: fc.constantFrom(...STREAMS),
      offset: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(appends, fc.array(place, { minLength: 1, maxLength: 8 }), async (calls, places) => {
        rmSync(path, { force: true })
        let seed = 1
        const batches = calls.map((pieces) =>
          pieces.map(({ stream, length }) => {
            seed += 1
            return {
              stream,
              chunk: Buffer.from(Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 0xff)),
            }
          }),
        )
        const file = await FramedOutput.open(path)
        await Promise.all(batches.map((pieces) => file.append(pieces)))
        const reopened = await FramedOutput.open(path)
        for (const at of places) {
          const all = expected(batches.flat(), at.stream)
          const offset = Math.floor(at.offset * all.length)
          const wanted = all.subarray(offset, offset + Math.ceil(at.length * (all.length + 10)))
          for (const each of [file, reopened]) {
            const read = await each.read(at.stream, offset, Math.ceil(at.length * (all.length + 10)))
            expect(read.equals(wanted)).toBe(true)
          }
        }
        await Promise.all([file.close(), reopened.close()])
      }),
      { numRuns: 60 },
    )
  })

  test('reads while appends are under way see only what has been kept, and all of that', async () => {
    const file = await FramedOutput.open(path)
    const pieces: Piece[] = Array.from({ length: 300 }, (_, i) =>
      i % 3 ? out(`line ${i}\n`) : err(`error ${i}\n`),
    )
    const all = expected(pieces, 'output')
    let kept = 0
    const appending = pieces.map(async (piece) => {
      await file.append([piece])
      kept += piece.chunk.length
    })
    for (let seen = 0; seen < all.length; ) {
      const atLeast = kept
      const read = await file.read('output', 0, all.length)
      expect(read.length).toBeGreaterThanOrEqual(atLeast)
      expect(read.equals(all.subarray(0, read.length))).toBe(true)
      seen = read.length
      // A read of nothing touches no disk: without a turn, no append would come through.
      await turn()
    }
    await Promise.all(appending)
    await file.close()
  })
})

describe('output that a crash tore', () => {
  test('keeps every whole frame, wherever in the last one it was cut, and goes on from there', async () => {
    const file = await FramedOutput.open(path)
    await file.append([out('first '), err('second ')])
    const before = statSync(path).size
    // Long enough for a header of two bytes.
    await file.append([out('x'.repeat(100))])
    await file.close()
    const intact = readFileSync(path)
    expect(intact.length).toBe(before + 102)
    for (let size = before; size < intact.length; size += 1) {
      writeFileSync(path, intact.subarray(0, size))
      const reopened = await FramedOutput.open(path)
      expect(await whole(reopened)).toEqual({ stdout: 'first ', stderr: 'second ', output: 'first second ' })
      expect(statSync(path).size).toBe(before)
      await reopened.append([err('third')])
      expect((await whole(reopened)).output).toBe('first second third')
      await reopened.close()
    }
  })

  test('is cut where a power loss left zeros, or a length that cannot be', async () => {
    for (const rubbish of [
      Buffer.alloc(5_000),
      Buffer.alloc(40, 0xff),
      Buffer.from([0x80, 0x80]),
      Buffer.from([1]),
    ]) {
      rmSync(path, { force: true })
      const file = await FramedOutput.open(path)
      await file.append([out('kept')])
      await file.close()
      const { size } = statSync(path)
      appendFileSync(path, rubbish)
      const reopened = await FramedOutput.open(path)
      expect((await whole(reopened)).output).toBe('kept')
      expect(statSync(path).size).toBe(size)
      await reopened.close()
    }
  })

  test('a file that lost bytes while it was open gives an error, not other bytes', async () => {
    const file = await FramedOutput.open(path)
    await file.append([out('a'.repeat(200_000))])
    truncateSync(path, 100_000)
    await expect(file.read('stdout', 0, 200_000)).rejects.toThrow(/shorter/)
    truncateSync(path, 0)
    await expect(file.read('stdout', 0, 10)).rejects.toThrow(/shorter/)
    await file.close()
  })
})

describe('output that the disk does not take', () => {
  test('is rejected with why; what was kept before is read still, and nothing of the failed piece, also later', async () => {
    const real = await open(path, 'w+')
    const disk = { full: false }
    const file = await FramedOutput.from(withLimit(real, disk), 0)
    await file.append([out('kept')])
    disk.full = true
    await expect(file.append([out('lost'), err('lost too')])).rejects.toThrow(
      /^output cannot be kept: ENOSPC: no space left on device/,
    )
    expect((await whole(file)).output).toBe('kept')
    disk.full = false
    await file.append([err(' and more')])
    expect((await whole(file)).output).toBe('kept and more')
    await file.close()
    const reopened = await FramedOutput.open(path)
    expect((await whole(reopened)).output).toBe('kept and more')
    await reopened.close()
  })

  test('a write that takes only a part is gone on with', async () => {
    const real = await open(path, 'w+')
    const file = await FramedOutput.from({ ...methods(real), writev: inSmallSteps(real) }, 0)
    await file.append([out('one two '), err('three '), out('four')])
    expect((await whole(file)).output).toBe('one two three four')
    await file.close()
  })

  test('after close nothing is taken, and what came before is kept', async () => {
    const file = await FramedOutput.open(path)
    const kept = file.append([out('in time')])
    const closed = file.close()
    await expect(file.append([out('late')])).rejects.toThrow(/^the output file is closed/)
    await Promise.all([kept, closed, file.close()])
    const reopened = await FramedOutput.open(path)
    expect((await whole(reopened)).output).toBe('in time')
    await reopened.close()
  })
})

describe('much output', () => {
  test('64 MiB go through in bounded memory, with little beside them on disk, and any place is found', async () => {
    const file = await FramedOutput.open(path)
    const chunk = Buffer.from(Array.from({ length: 32 * 1024 }, (_, i) => (i * 7) & 0xff))
    const start = process.memoryUsage()
    let most = 0
    for (let index = 0; index < 2_048; index += 1) {
      await file.append([{ stream: index % 2 ? 'stderr' : 'stdout', chunk }])
      const { arrayBuffers, heapUsed } = process.memoryUsage()
      most = Math.max(most, arrayBuffers + heapUsed - start.arrayBuffers - start.heapUsed)
    }
    expect(most).toBeLessThan(24 * MIB)
    expect(statSync(path).size).toBeLessThan(64 * MIB + 2_048 * 4)
    expect((await file.read('stderr', 20 * MIB + 5, 100)).equals(chunk.subarray(5, 105))).toBe(true)
    expect((await file.read('output', 64 * MIB - 3, 100)).equals(chunk.subarray(-3))).toBe(true)
    await file.close()
  })

  test('single bytes of both streams in turn take two bytes each, and an index as small as for anything else', async () => {
    const file = await FramedOutput.open(path)
    const [a, b] = [Buffer.from('a'), Buffer.from('b')]
    const pieces = Array.from(
      { length: 20_000 },
      (_, i): Piece => (i % 2 ? { stream: 'stderr', chunk: b } : { stream: 'stdout', chunk: a }),
    )
    for (let index = 0; index < 10; index += 1) await file.append(pieces)
    expect(statSync(path).size).toBe(400_000)
    expect(file.indexBytes).toBeLessThan(1024)
    expect((await file.read('stderr', 99_990, 100)).toString()).toBe('b'.repeat(10))
    const reopened = await FramedOutput.open(path)
    expect(reopened.bytes).toEqual({ stdout: 100_000, stderr: 100_000 })
    await Promise.all([file.close(), reopened.close()])
  })

  test('the few bytes of one stream are found among much of the other without reading all of it', async () => {
    const real = await open(path, 'w+')
    let bytesRead = 0
    const read: FileHandle['read'] = async (...args: unknown[]) => {
      const result = await Reflect.apply(real.read, real, args)
      bytesRead += result.bytesRead
      return result
    }
    const file = await FramedOutput.from({ ...methods(real), read }, 0)
    const much = { stream: 'stdout', chunk: Buffer.alloc(MIB, 'x') } as const
    await file.append([err('first '), much])
    for (let index = 0; index < 15; index += 1) await file.append([much])
    await file.append([err('last'), much])
    expect((await file.read('stderr', 0, 100)).toString()).toBe('first last')
    expect(bytesRead).toBeLessThan(MIB)
    await file.close()
  })
})

function methods(handle: FileHandle): Pick<FileHandle, 'read' | 'writev' | 'truncate' | 'close'> {
  return {
    read: handle.read.bind(handle),
    writev: handle.writev.bind(handle),
    truncate: handle.truncate.bind(handle),
    close: handle.close.bind(handle),
  } as Pick<FileHandle, 'read' | 'writev' | 'truncate' | 'close'>
}

/** A disk that has room for the half of what is written when it fills up, and cannot be cut either. */
function withLimit(handle: FileHandle, disk: { full: boolean }): ReturnType<typeof methods> {
  const writev: FileHandle['writev'] = async (buffers, position) => {
    if (!disk.full) return handle.writev(buffers, position)
    await handle.writev(buffers.slice(0, Math.ceil(buffers.length / 2)), position)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  const truncate: FileHandle['truncate'] = async (length) => {
    if (disk.full) throw new Error('EIO')
    return handle.truncate(length)
  }
  return { ...methods(handle), writev, truncate }
}

function inSmallSteps(handle: FileHandle): FileHandle['writev'] {
  return async (buffers, position) => {
    const part = Buffer.concat(
      buffers.map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength)),
    ).subarray(0, 3)
    const { bytesWritten } = await handle.write(part, 0, part.length, position)
    return { bytesWritten, buffers }
  }
}
