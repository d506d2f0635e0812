import type { IBufferCell } from '@xterm/headless'

/** As CSS has them; undefined: those of the screen. */
export interface Colours {
  readonly fg: string | undefined
  readonly bg: string | undefined
}

type Rgb = readonly [red: number, green: number, blue: number]

/** Of the screen itself, in light and dark the same: recordings were made for a dark one. */
const PAPER: Rgb = [13, 17, 23]
const INK: Rgb = [230, 237, 243]
const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [0, 0, 0]
/** WCAG 2.2 §1.4.3. Nothing can be made hard to read by choosing its colours. */
const LEAST_CONTRAST = 4.5

const SIXTEEN: readonly Rgb[] = [
  [0, 0, 0],
  [248, 81, 73],
  [13, 188, 121],
  [229, 229, 16],
  [59, 142, 234],
  [204, 96, 204],
  [17, 168, 205],
  [229, 229, 229],
  [139, 148, 158],
  [255, 123, 114],
  [35, 209, 139],
  [245, 245, 67],
  [100, 170, 255],
  [226, 140, 226],
  [41, 184, 219],
  [255, 255, 255],
]
const STEPS = [0, 95, 135, 175, 215, 255] as const

export function coloursOf(cell: IBufferCell): Colours {
  const fg = cell.isFgDefault() ? undefined : rgbOf(cell.getFgColor(), Boolean(cell.isFgRGB()))
  const bg = cell.isBgDefault() ? undefined : rgbOf(cell.getBgColor(), Boolean(cell.isBgRGB()))
  if (cell.isInverse()) return shown(bg ?? PAPER, fg ?? INK)
  return fg === undefined && bg === undefined ? { fg: undefined, bg: undefined } : shown(fg ?? INK, bg)
}

function shown(fg: Rgb, bg: Rgb | undefined): Colours {
  const behind = bg ?? PAPER
  const readable =
    contrast(fg, behind) >= LEAST_CONTRAST
      ? fg
      : contrast(WHITE, behind) > contrast(BLACK, behind)
        ? WHITE
        : BLACK
  return { fg: css(readable), bg: bg && css(bg) }
}

/** A number of the 256, or one of all colours. */
function rgbOf(number: number, isRgb: boolean): Rgb {
  if (isRgb) return [(number >> 16) & 255, (number >> 8) & 255, number & 255]
  const known = SIXTEEN[number]
  if (known !== undefined) return known
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10
    return [grey, grey, grey]
  }
  const cube = number - 16
  const step = (at: number) => STEPS[at % 6] ?? 0
  return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6)), step(cube)]
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`
}

function contrast(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
