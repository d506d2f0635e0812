/** Something that is kept sealed: of whoever reads the disk without the key, nobody learns what it is or whose. */
export interface SealedEntry {
  readonly id: string
  readonly value: unknown
  readonly expiresAt?: Date
}

/**
 * What the built-in login remembers: registrations, grants, browser sessions, keys, people. Kinds are lower-case words; an id is any text, and is
 * not to be seen in what is stored. What has expired, or cannot be opened, is not there.
 */
export interface SealedState {
  find(kind: string, id: string): Promise<unknown>
  /** Resolves once it is durable. In place of what had this id before. */
  save(kind: string, id: string, value: unknown, expiresAt?: Date): Promise<void>
  /** Only where there is none: of several that add the same at once, one is told true. */
  add(kind: string, id: string, value: unknown, expiresAt?: Date): Promise<boolean>
  /** False when there was none. Of several that remove the same at once, one is told true. */
  remove(kind: string, id: string): Promise<boolean>
  list(kind: string): Promise<readonly SealedEntry[]>
  /** How many there are, expired ones that were not swept yet among them. */
  count(kind: string): Promise<number>
  /** Removes those that were written longest ago, until there are no more than `most`. */
  trim(kind: string, most: number): Promise<void>
}
