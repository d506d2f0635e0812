import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { callId } from '../../test/kit/command-parts.ts'
import { ENGINES } from '../../test/kit/databases.ts'
import { type TestInstance, testInstances } from '../../test/kit/instances.ts'
import { type CommandId, commandIdOf, type OutputStream } from '../domain/command.ts'
import { PIECE_BYTES, piecesOf } from './output-pieces.ts'
import { OutputRows } from './output-rows.ts'

type Piece = { readonly stream: OutputStream; readonly chunk: Buffer }
const STREAMS = ['stdout', 'stderr', 'output'] as const
const MIB = 1024 * 1024
const all = testInstances()

const out = (text: string): Piece => ({ stream: 'stdout', chunk: Buffer.from(text) })
const err = (text: string): Piece => ({ stream: 'stderr', chunk: Buffer.from(text) })

/** What a reader should see: the same pieces in memory. */
function expected(pieces: readonly Piece[], stream: OutputStream | 'output'): Buffer {
  return Buffer.concat(pieces.filter((p) => stream === 'output' || p.stream === stream).map((p) => p.chunk))
}

async function whole(output: OutputRows): Promise<Record<(typeof STREAMS)[number], string>> {
  const texts = await Promise.all(
    STREAMS.map(async (stream) => (await output.read(stream, 0, MIB)).toString()),
  )
  const [stdout = '', stderr = '', both = ''] = texts
  return { stdout, stderr, output: both }
}

describe.each(ENGINES)('output in %s', (engine) => {
  let here: TestInstance

  beforeAll(async () => {
    here = await all.join(await all.newUrl(engine))
  })

  /** The output of a new command, and a way to open it again. */
  async function begun() {
    const id = commandIdOf({ id: callId() })
    await here.database.run(
      "INSERT INTO commands (id, owner, instance, started_at, record) VALUES ($1, 'me', $2, 0, '')",
      id,
      here.me.id,
    )
    return { id, output: await open(id) }
  }

  function open(id: CommandId): Promise<OutputRows> {
    return OutputRows.open(here.database, here.me, id)
  }

  test('is read as it came, each stream alone and both in their order, also by who opens it again', async () => {
    const { id, output } = await begun()
    await output.append([out('one '), out('two '), err('oops ')])
    await output.append([err('again '), out('three')])
    const seen = { stdout: 'one two three', stderr: 'oops again ', output: 'one two oops again three' }
    expect(await whole(output)).toEqual(seen)
    expect(output.bytes).toEqual({ stdout: 13, stderr: 11 })
    expect((await output.read('output', 4, 8)).toString()).toBe('two oops')
    const again = await open(id)
    expect(await whole(again)).toEqual(seen)
    await again.append([out('!')])
    expect((await whole(again)).output).toBe(`${seen.output}!`)
  })

  test('gives fewer bytes than asked for only at the end, none behind it, and refuses what is no place', async () => {
    const { output } = await begun()
    await output.append([out('abc')])
    expect((await output.read('stdout', 1, 100)).toString()).toBe('bc')
    expect((await output.read('stdout', 3, 100)).length).toBe(0)
    expect((await output.read('stdout', 99, 100)).length).toBe(0)
    expect((await output.read('stderr', 0, 100)).length).toBe(0)
    for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(output.read('stdout', offset, 1)).rejects.toThrow(RangeError)
    await expect(output.read('stdout', 0, -1)).rejects.toThrow(RangeError)
  })

  test('whatever was appended in whatever interleaving is what is read, at every stream, offset and length', async () => {
    // Lengths around that of a piece.
    const length = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(70_000, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1),
    )
    const piece = fc.record({ stream: fc.constantFrom<OutputStream>('stdout', 'stderr'), length })
    const appends = fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 6 })
    const place = fc.record({
      stream: fc.constantFrom(...STREAMS),
      offset: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(appends, fc.array(place, { minLength: 1, maxLength: 6 }), async (calls, places) => {
        const { id, output } = await begun()
        let seed = 1
        const batches = calls.map((pieces) =>
          pieces.map(({ stream, length }) => {
            seed += 1
            const chunk = Buffer.alloc(
              length,
              Buffer.from([seed, seed * 7, seed * 31, seed >> 8, 255 - seed]),
            )
            return { stream, chunk }
          }),
        )
        await Promise.all(batches.map((pieces) => output.append(pieces)))
        const again = await open(id)
        for (const at of places) {
          const whole = expected(batches.flat(), at.stream)
          const offset = Math.floor(at.offset * whole.length)
          const wanted = Math.ceil(at.length * (whole.length + 10))
          for (const each of [output, again]) {
            const read = await each.read(at.stream, offset, wanted)
            expect(read.equals(whole.subarray(offset, offset + wanted))).toBe(true)
          }
        }
      }),
      { numRuns: 12 },
    )
  })

  test('what cannot be appended is told, nothing of it is kept, and what came before is harmed by nothing', async () => {
    const { id, output } = await begun()
    await output.append([out('kept')])
    const large = Array.from({ length: 3 }, () => out('x'.repeat(PIECE_BYTES)))
    // Somebody has written where the second piece belongs.
    const at = 4 + PIECE_BYTES
    const insert = (engine === 'sqlite' ? 'CAST($3 AS BLOB)' : 'CAST($3 AS BYTEA)') as string
    await here.database.run(
      `INSERT INTO command_output SELECT $1, CAST($2 AS BIGINT), 0, 0, 0, 0, '', ${insert}`,
      id,
      at,
      Buffer.alloc(0),
    )
    await expect(output.append(large)).rejects.toThrow()
    expect(output.bytes).toEqual({ stdout: 4, stderr: 0 })
    expect((await whole(output)).output).toBe('kept')
    await here.database.run('DELETE FROM command_output WHERE command = $1 AND at = $2', id, at)
    await output.append([err(' and more')])
    expect((await whole(await open(id))).output).toBe('kept and more')
  })

  test('output that lost pieces gives an error, not other bytes', async () => {
    const { id, output } = await begun()
    for (let index = 0; index < 3; index += 1) await output.append([out('a'.repeat(100))])
    await here.database.run('DELETE FROM command_output WHERE command = $1 AND at = 100', id)
    await expect(output.read('stdout', 0, 300)).rejects.toThrow(/not there any more/)
  })

  test('any place of much output, and the few bytes of one stream among much of the other, is read without the rest', async () => {
    const { id, output } = await begun()
    const chunk = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 7) & 0xff))
    await output.append([err('first ')])
    for (let index = 0; index < 16; index += 1)
      await output.append(Array.from({ length: 1024 }, () => ({ stream: 'stdout' as const, chunk })))
    await output.append([err('last')])
    expect((await output.read('stderr', 0, 100)).toString()).toBe('first last')
    expect((await output.read('stdout', 16 * MIB - 3, 100)).equals(chunk.subarray(-3))).toBe(true)
    expect((await output.read('output', 6 + 9 * MIB + 5, 10)).equals(chunk.subarray(5, 15))).toBe(true)
    const [rows] = await here.database.all<{ count: number }>(
      'SELECT COUNT(*) AS count FROM command_output WHERE command = $1',
      id,
    )
    expect(Number(rows?.count)).toBe(66)
  })
})

describe('pieces of output', () => {
  test('hold many single bytes of both streams in one row', () => {
    const bytes = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? err('b') : out('a')))
    const pieces = piecesOf(bytes)
    expect(pieces).toHaveLength(1)
    expect(pieces[0]).toMatchObject({ stdoutBytes: 10_000, stderrBytes: 10_000 })
    expect(pieces[0]?.frames.length).toBeLessThan(40_000)
  })

  test('of one stream need no frames; nothing makes no piece', () => {
    expect(piecesOf([err('a'), err(''), err('b')])).toEqual([
      { stdoutBytes: 0, stderrBytes: 2, frames: '', bytes: Buffer.from('ab') },
    ])
    expect(piecesOf([out(''), err('')])).toEqual([])
  })
})
