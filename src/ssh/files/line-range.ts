import type { BlockReader } from './block-reader.ts'

/** A stretch of a file: `end` exclusive. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

export interface Lines {
  /** One for each line, with its line end. */
  readonly stretches: readonly Stretch[]
  /** The number of the first one, when it is known. */
  readonly firstLine?: number
  /** Of the whole file, when its end was met. */
  readonly total?: number
  /** The file goes on behind the last one. */
  readonly hasMore: boolean
}

/** Looking for a line number reads everything before it; beyond this, offsets are the better question. */
const MOST_LOOKED_THROUGH = 1024 * 1024 * 1024
const LINE_FEED = 0x0a

/** What a page of lines may cost: in all, and of one line, of which the rest is left out. */
export interface PageBudget {
  readonly bytes: number
  readonly lineBytes: number
}

/** Lines `first` to `first + count - 1`, as many of them as the budget holds. Undefined when they lie too deep in the file. */
export async function findLines(
  file: BlockReader,
  range: { readonly first: number; readonly count: number },
  budget: PageBudget,
  goOn: () => void,
): Promise<Lines | undefined> {
  const stretches: Stretch[] = []
  let [line, lineStart, offset, given] = [1, 0, 0, 0]
  const take = (end: number): boolean => {
    if (line >= range.first) {
      const cost = Math.min(end - lineStart, budget.lineBytes)
      if (stretches.length === range.count || (given + cost > budget.bytes && stretches.length > 0))
        return false
      stretches.push({ start: lineStart, end })
      given += cost
    }
    line += 1
    lineStart = end
    return true
  }
  const firstLine = { firstLine: range.first }
  for await (const block of file.forward(0)) {
    goOn()
    for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED, at + 1))
      if (!take(offset + at + 1)) return { stretches, ...firstLine, hasMore: true }
    offset += block.length
    if (stretches.length === range.count && offset > lineStart)
      return { stretches, ...firstLine, hasMore: true }
    if (offset > MOST_LOOKED_THROUGH) return undefined
  }
  if (offset > lineStart && !take(offset)) return { stretches, ...firstLine, hasMore: true }
  return { stretches, ...firstLine, total: line - 1, hasMore: false }
}

/** The last `count` lines before `end`, as many of them as the budget holds. Read from the end backwards. */
export async function findTail(
  file: BlockReader,
  end: number,
  count: number,
  budget: PageBudget,
  goOn: () => void,
): Promise<Lines> {
  const stretches: Stretch[] = []
  let [lineEnd, given] = [end, 0]
  const take = (start: number): boolean => {
    const cost = Math.min(lineEnd - start, budget.lineBytes)
    if (stretches.length === count || (given + cost > budget.bytes && stretches.length > 0)) return false
    stretches.push({ start, end: lineEnd })
    given += cost
    lineEnd = start
    return true
  }
  // Found last line first.
  const found = (of: readonly Stretch[] = stretches): Lines => ({
    stretches: [...of].reverse(),
    hasMore: false,
  })
  for await (const block of file.backward(end)) {
    goOn()
    // The line feed in front of `lineEnd` ends the line that is looked for; it does not begin it.
    const from = (at: number) => Math.min(block.bytes.length - 1, lineEnd - block.at - 2, at)
    for (
      let at = lastLineFeed(block.bytes, from(block.bytes.length));
      at >= 0;
      at = lastLineFeed(block.bytes, from(at - 1))
    )
      if (!take(block.at + at + 1)) return found()
    if (stretches.length === count) return found()
    // One line without an end for longer than a whole page: its beginning is of no use to anyone.
    if (lineEnd - block.at > 4 * budget.bytes) return found(withPart(stretches, lineEnd, budget))
  }
  const isWhole = lineEnd === 0 || take(0)
  return isWhole ? { ...found(), firstLine: 1, total: stretches.length } : found()
}

function withPart(stretches: readonly Stretch[], end: number, budget: PageBudget): readonly Stretch[] {
  return stretches.length > 0 ? stretches : [{ start: end - budget.lineBytes, end }]
}

function lastLineFeed(bytes: Buffer, from: number): number {
  return from < 0 ? -1 : bytes.lastIndexOf(LINE_FEED, from)
}
