/** A text that is read from its beginning to its end, and where the reading stands. Patterns are sticky (`y`). */
export class Scanner {
  protected at = 0
  protected readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Whether the next character is this one, which is then behind. */
  protected take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false
    this.at += 1
    return true
  }

  /** What stands here by the pattern, which is then behind. */
  protected match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }
}
