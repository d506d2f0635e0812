/**
 * Shell text of any bytes: each character stands for one byte (latin1), so that a value which is not UTF-8 goes to the host and
 * comes back unchanged. `toBytes` makes one of ordinary text.
 */
export type ByteText = string

export function toBytes(text: string): ByteText {
  return Buffer.from(text, 'utf8').toString('latin1')
}

export function fromBytes(bytes: ByteText): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** A family of login shells whose state is read and restored in one way. `posix`: dash, BusyBox ash and whatever calls itself sh. */
export type DialectName = 'bash' | 'zsh' | 'posix'

/** What the login shell said about itself when it left, by section. Which sections there are is the dialect's own business. */
export type StateSections = Readonly<Record<string, ByteText>>

/** The shell's state between two calls. */
export interface ShellState {
  readonly dialect: DialectName
  readonly sections: StateSections
  /** Definitions of functions by name, for shells that cannot print them. */
  readonly functions: Readonly<Record<string, ByteText>>
  /** The exit status of the last command, for `$?`. */
  readonly status: number
}

/** Where a shell writes its state, and how. */
export interface LeaveOptions {
  readonly directory: string
  readonly separator: string
  readonly candidates: readonly string[]
}

export interface Dialect {
  readonly name: DialectName
  /** The login shell's options before `-c`: `fresh` reads the start-up files that a command over SSH reads, `restored` none of them. */
  readonly fresh: string
  readonly restored: string
  /** Defines the function `__ssh_mcp_leave STATUS`, which writes the state; runs before anything of the user's is restored. */
  leave(options: LeaveOptions): ByteText
  /** What a session that has no state yet begins with. */
  readonly begin: ByteText
  /**
   * Restores everything but the working directory: `early` variables, `last` what could shadow or change our own words, `late` what
   * shadows even `eval`, at the head of the command.
   */
  restore(state: ShellState): { readonly early: ByteText; readonly last: ByteText; readonly late: ByteText }
  /** Arranges that the state is written also when the command leaves the shell by itself. */
  readonly guard: ByteText
}

/** The sections of a state as they were written, or undefined when the end is missing. */
export function parseSections(dump: ByteText, separator: string): StateSections | undefined {
  const parts = dump.split(`\n#${separator} `)
  const end = parts.pop()
  if (end !== 'end\n') return undefined
  const sections: Record<string, ByteText> = {}
  for (const part of parts.slice(1)) {
    const newline = part.indexOf('\n')
    if (newline < 0) return undefined
    sections[part.slice(0, newline)] = part.slice(newline + 1)
  }
  return 'cwd' in sections ? sections : undefined
}
