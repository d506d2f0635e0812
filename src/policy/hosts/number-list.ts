/** Numbers as a bracket of a host pattern lists them: `[01-20]`, `[1-3,7]`. */
export interface NumberList {
  /** Where a number of the list ends that begins at `at`: each length that fits. */
  endsIn(text: string, at: number): readonly number[]
}

/** More digits than these are no counting number of hosts, and would not stay exact. */
export const MAX_DIGITS = 9

const PART = `\\d{1,${MAX_DIGITS}}(?:-\\d{1,${MAX_DIGITS}})?`
// One number alone is a class of digits, as in a shell: `[35]` is 3 or 5.
const LIST = new RegExp(`^(?:${PART}(?:,${PART})+|\\d{1,${MAX_DIGITS}}-\\d{1,${MAX_DIGITS}})$`)

/** Undefined when the text is no list of numbers and ranges. */
export function parseNumberList(text: string): NumberList | undefined {
  if (!LIST.test(text)) return undefined
  const ranges = text.split(',').map((part) => {
    const [first = '', last = first] = part.split('-')
    return { first: Number(first), last: Number(last), width: paddedWidth(first) }
  })
  const isListed = (digits: string) =>
    ranges.some(({ first, last, width }) => {
      const number = Number(digits)
      return first <= number && number <= last && digits === written(number, width)
    })
  return {
    endsIn(text, at) {
      const ends: number[] = []
      for (let end = at + 1; end <= at + MAX_DIGITS && isDigit(text.charAt(end - 1)); end += 1)
        if (isListed(text.slice(at, end))) ends.push(end)
      return ends
    },
  }
}

/** How many digits the numbers of a range have at least that begins so: `01` means two, `1` and `10` what they need. */
export function paddedWidth(first: string): number {
  return first.startsWith('0') ? first.length : 1
}

export function written(number: number, width: number): string {
  return String(number).padStart(width, '0')
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}
