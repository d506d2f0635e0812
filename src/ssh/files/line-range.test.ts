import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlockReader } from './block-reader.ts'
import { findLines, findTail, type PageBudget, type Stretch } from './line-range.ts'
import { linePieces } from './pieces.ts'

/** A file in memory that gives `most` bytes at a time. */
function fileOf(content: Buffer, most: number): BlockReader {
  const read = async (_: unknown, offset: number, length: number) => {
    const bytes = content.subarray(offset, offset + Math.min(length, most))
    return bytes.length === 0 ? undefined : bytes
  }
  return new BlockReader({ read, limits: { readBytes: most, writeBytes: most } }, { bytes: Buffer.alloc(0) })
}

const ROOMY: PageBudget = { bytes: 1_000_000, lineBytes: 1_000_000 }
const noCheck = () => undefined
const linesOf = (text: string) => text.split(/(?<=\n)/).filter((line) => line !== '')
const textOf = (content: Buffer, stretches: readonly Stretch[]) =>
  stretches.map(({ start, end }) => content.toString('utf8', start, end))

const text = fc
  .array(fc.constantFrom('', 'a', 'bb', 'é', '\n', '\n\n', 'long line '), { maxLength: 40 })
  .map((parts) => parts.join(''))
const most = fc.integer({ min: 1, max: 12 })

describe('lines of a file', () => {
  test('are the same as those of the whole text, wherever the blocks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        most,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (all, at, first, count) => {
          const content = Buffer.from(all)
          const found = await findLines(fileOf(content, at), { first, count }, ROOMY, noCheck)
          const lines = linesOf(all)
          expect(textOf(content, found?.stretches ?? [])).toEqual(lines.slice(first - 1, first - 1 + count))
          expect(found?.hasMore).toBe(lines.length > first - 1 + count)
          if (found?.hasMore === false) expect(found.total).toBe(lines.length)
        },
      ),
    )
  })

  test('from behind are the same as those of the whole text', async () => {
    await fc.assert(
      fc.asyncProperty(text, most, fc.integer({ min: 1, max: 12 }), async (all, at, count) => {
        const content = Buffer.from(all)
        const found = await findTail(fileOf(content, at), content.length, count, ROOMY, noCheck)
        expect(textOf(content, found.stretches)).toEqual(linesOf(all).slice(-count))
      }),
    )
  })

  test('within a budget are whole lines, at least one, and pages that follow each other give all of them', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 12 }), async (all, bytes) => {
        const content = Buffer.from(all)
        const seen: string[] = []
        for (let first = 1; ; ) {
          const page = await findLines(
            fileOf(content, 7),
            { first, count: 100 },
            { bytes, lineBytes: bytes },
            noCheck,
          )
          seen.push(...textOf(content, page?.stretches ?? []))
          first += page?.stretches.length ?? 0
          if (page?.hasMore !== true) break
          expect(page.stretches.length).toBeGreaterThan(0)
        }
        expect(seen).toEqual(linesOf(all))
      }),
    )
  })

  test('that are cut lose their end, keep their line end, and no character is split', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 4, max: 8 }), async (all, lineBytes) => {
        const content = Buffer.from(all)
        const budget = { bytes: 1_000, lineBytes }
        const file = fileOf(content, 5)
        const found = await findLines(file, { first: 1, count: 1_000 }, budget, noCheck)
        const pieces = await linePieces(file, found?.stretches ?? [], budget)
        const given = pieces.map(({ window, start, end }) => window.toString('utf8', start, end)).join('')
        expect(given).not.toContain('\uFFFD')
        const shortened = linesOf(given)
        const lines = linesOf(all)
        expect(shortened).toHaveLength(lines.length)
        for (const [index, line] of lines.entries()) {
          const end = line.endsWith('\n') ? '\n' : ''
          expect(line.startsWith((shortened[index] ?? '?').replace(/\n$/, ''))).toBe(true)
          expect(shortened[index]?.endsWith(end)).toBe(true)
          if (Buffer.byteLength(line) <= lineBytes) expect(shortened[index]).toBe(line)
        }
        const left = pieces.reduce((sum, { leftOutBytes }) => sum + leftOutBytes, 0)
        expect(Buffer.byteLength(given) + left).toBe(content.length)
      }),
    )
  })

  test('are not looked for once the caller is gone', async () => {
    const gone = () => {
      throw new Error('called off')
    }
    await expect(
      findLines(fileOf(Buffer.from('a\nb\n'), 2), { first: 9, count: 1 }, ROOMY, gone),
    ).rejects.toThrow('called off')
  })
})
