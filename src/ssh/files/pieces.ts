import type { FilePiece } from '../../domain/file.ts'
import { LONGEST_SECRET_BYTES } from '../../domain/secret-kind.ts'
import type { BlockReader } from './block-reader.ts'
import type { PageBudget, Stretch } from './line-range.ts'
import { decodeText } from './text-form.ts'
import { insideAtStart, wholeCharacters } from './utf8.ts'

/** How much is looked at on both sides of a piece: longer secrets are not found across its edges. */
const MARGIN_BYTES = LONGEST_SECRET_BYTES

/** The bytes of the stretch with what surrounds them. */
export async function pieceAt(file: BlockReader, { start, end }: Stretch): Promise<FilePiece> {
  const from = Math.max(0, start - MARGIN_BYTES)
  const window = await file.read(from, end + MARGIN_BYTES - from)
  const last = Math.min(window.length, end - from)
  return { window, start: Math.min(start - from, last), end: last, leftOutBytes: 0 }
}

/** The same stretch between two characters: no shorter than one, and unchanged where the file ends. */
export function atCharacters(piece: FilePiece, isFileStart: boolean): FilePiece {
  const { window, end } = piece
  const start = piece.start + (isFileStart ? 0 : insideAtStart(window.subarray(piece.start, end)))
  if (end === window.length) return { ...piece, start }
  const whole = start + wholeCharacters(window.subarray(start, end))
  if (whole > start || end === start) return { ...piece, start, end: whole }
  // Not even one character fits: it is given all the same, or nobody would ever get past it.
  let longer = end
  while (
    longer < window.length &&
    longer - start < 4 &&
    insideAtStart(window.subarray(longer, longer + 1)) > 0
  )
    longer += 1
  return { ...piece, start, end: longer }
}

export function bytesOf({ window, start, end }: FilePiece): Buffer {
  return window.subarray(start, end)
}

export function isText(pieces: readonly FilePiece[]): boolean {
  return pieces.every((piece) => decodeText(bytesOf(piece)) !== undefined)
}

/** Lines as pieces: those that follow each other are one piece, and of a line that is too long the rest is left out. */
export async function linePieces(
  file: BlockReader,
  lines: readonly Stretch[],
  { lineBytes }: PageBudget,
): Promise<FilePiece[]> {
  const pieces: FilePiece[] = []
  let open: Stretch | undefined
  for (const line of lines) {
    open = { start: open?.start ?? line.start, end: line.end }
    if (line.end - line.start <= lineBytes) continue
    const cut = atCharacters(await pieceAt(file, { start: open.start, end: line.start + lineBytes }), true)
    const cutAt = open.start + cut.end - cut.start
    // Its line end stays, so that lines can still be counted.
    const [feed] = await file.read(line.end - 1, 1)
    const goesOnAt = feed === 0x0a ? line.end - 1 : line.end
    pieces.push({ ...cut, leftOutBytes: goesOnAt - cutAt })
    open = goesOnAt === line.end ? undefined : { start: goesOnAt, end: line.end }
  }
  if (open !== undefined) pieces.push(await pieceAt(file, open))
  return pieces
}
