export interface OutputLimits {
  /** The most that is kept of the output of one command. */
  readonly commandBytes: number
  /** The most that is kept on disk of all of them. */
  readonly totalBytes: number
}

/** How much room on disk the output of all commands takes. */
export class OutputQuota {
  readonly #limits: () => OutputLimits
  readonly #makeRoom: (bytes: number) => void
  #usedBytes = 0

  /** `makeRoom` is asked to release at least so many bytes of old output; it may find none. */
  constructor(limits: () => OutputLimits, makeRoom: (bytes: number) => void) {
    this.#limits = limits
    this.#makeRoom = makeRoom
  }

  /** How many of `bytes` may be kept of a command of which `keptBytes` are. What is granted counts as used. */
  take(bytes: number, keptBytes: number): number {
    const { commandBytes, totalBytes } = this.#limits()
    const wanted = Math.min(bytes, Math.max(0, commandBytes - keptBytes))
    if (this.#usedBytes + wanted > totalBytes) this.#makeRoom(this.#usedBytes + wanted - totalBytes)
    const granted = Math.max(0, Math.min(wanted, totalBytes - this.#usedBytes))
    this.#usedBytes += granted
    return granted
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes
  }
}
