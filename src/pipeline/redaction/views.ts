import { nextControl, sequenceLength } from '../../lib/control-bytes.ts'

/** Bytes with something left out, and for each of them where it was. */
export interface View {
  readonly bytes: Buffer
  /** Where the byte at `index` began, and where it ended. */
  rawStart(index: number): number
  rawEnd(index: number): number
}

/** A view of what another view shows. */
export function through(outer: View, inner: View): View {
  return {
    bytes: inner.bytes,
    rawStart: (index) => outer.rawStart(inner.rawStart(index)),
    rawEnd: (index) => outer.rawEnd(inner.rawEnd(index) - 1),
  }
}

/** What of the bytes a reader of a terminal would see in a row: without controls, and without what was struck over. */
export function withoutControls(bytes: Buffer): View | undefined {
  let at = nextControl(bytes, 0)
  if (at < 0) return undefined
  const view = new Kept(bytes)
  let from = 0
  for (; at >= 0; at = nextControl(bytes, from)) {
    view.keep(from, at)
    if (bytes[at] === BACKSPACE) view.strike()
    from = at + sequenceLength(bytes, at)
  }
  view.keep(from, bytes.length)
  return view
}

/** Base64 in lines, as `base64` and mail write it, without the ends of its lines. */
export function unwrapped(bytes: Buffer): View | undefined {
  let view: Kept | undefined
  let from = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    const end = bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at
    if (!isBase64(bytes[at + 1]) || !endsWithBase64(bytes, Math.max(from, end - SHORTEST_WRAPPED), end))
      continue
    view ??= new Kept(bytes)
    view.keep(from, end)
    from = at + 1
  }
  view?.keep(from, bytes.length)
  return view
}

/** Percent-encoding undone (RFC 3986 §2.1): which characters are encoded is left to each program. */
export function percentDecoded(bytes: Buffer): View | undefined {
  let view: Kept | undefined
  let from = 0
  for (let at = bytes.indexOf(PERCENT); at >= 0; at = bytes.indexOf(PERCENT, at + 1)) {
    const [high, low] = [hexDigit(bytes[at + 1]), hexDigit(bytes[at + 2])]
    if (high < 0 || low < 0) continue
    view ??= new Kept(bytes)
    view.keep(from, at)
    from = at + 3
    view.put(high * 16 + low, at, from)
  }
  view?.keep(from, bytes.length)
  return view
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

const PERCENT = 0x25
const BACKSPACE = 0x08
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** Tools wrap at 60, 64 or 76 characters. */
const SHORTEST_WRAPPED = 60

function endsWithBase64(bytes: Buffer, from: number, end: number): boolean {
  if (end - from < SHORTEST_WRAPPED) return false
  for (let at = end - 1; at >= from; at -= 1) if (!isBase64(bytes[at])) return false
  return true
}

function isBase64(byte = 0): boolean {
  const lower = byte | 0x20
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (byte >= 0x2b && byte <= 0x39 && byte !== 0x2c && byte !== 0x2e) ||
    byte === 0x5f
  )
}

class Kept implements View {
  readonly #raw: Buffer
  readonly #bytes: Buffer
  #length = 0
  #struckFrom: number | undefined
  /** Each stretch: where it begins here, and where it began and ended. One that is not as it was is one byte here. */
  readonly #starts: number[] = []
  readonly #rawStarts: number[] = []
  readonly #rawEnds: number[] = []

  constructor(raw: Buffer) {
    this.#raw = raw
    this.#bytes = Buffer.allocUnsafe(raw.length)
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  rawStart(index: number): number {
    const stretch = this.#stretchOf(index)
    return (this.#rawStarts[stretch] ?? 0) + index - (this.#starts[stretch] ?? 0)
  }

  rawEnd(index: number): number {
    const stretch = this.#stretchOf(index)
    const isLast = index + 1 === (this.#starts[stretch + 1] ?? this.#length)
    return isLast ? (this.#rawEnds[stretch] ?? 0) : this.rawStart(index) + 1
  }

  keep(from: number, to: number): void {
    if (to <= from) return
    const struck = this.#struckFrom
    this.#struckFrom = undefined
    // What stands in the place of what was struck out belongs to it.
    if (struck !== undefined) {
      this.put(this.#raw[from] ?? 0, struck, from + 1)
      this.keep(from + 1, to)
      return
    }
    this.#push(from, to)
    this.#length += this.#raw.copy(this.#bytes, this.#length, from, to)
  }

  put(byte: number, from: number, to: number): void {
    this.#push(from, to)
    this.#bytes[this.#length] = byte
    this.#length += 1
  }

  /** Takes the last character away, on its line. */
  strike(): void {
    if (this.#length === 0 || this.#bytes[this.#length - 1] === LINE_FEED) return
    do this.#length -= 1
    while (this.#length > 0 && ((this.#bytes[this.#length] ?? 0) & 0xc0) === 0x80)
    this.#struckFrom = this.rawStart(this.#length)
    while ((this.#starts.at(-1) ?? -1) >= this.#length) {
      this.#starts.pop()
      this.#rawStarts.pop()
      this.#rawEnds.pop()
    }
    if (this.#length > 0) this.#rawEnds.splice(-1, 1, this.rawStart(this.#length - 1) + 1)
  }

  #push(from: number, to: number): void {
    this.#starts.push(this.#length)
    this.#rawStarts.push(from)
    this.#rawEnds.push(to)
  }

  #stretchOf(index: number): number {
    let [low, high] = [0, this.#starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return low
  }
}
