import type { Command } from 'commander'

/** One command of the command line: one file, one line in the list of `run.ts`. */
export interface CliCommand {
  /** Adds itself to the program. Its action reports the exit code through `exit`. */
  register(program: Command, exit: (code: ExitCode) => void): void
}

/** 0 fine, 1 a defect or a step that did not hold, 2 how it was called or configured. */
export type ExitCode = 0 | 1 | 2

/** How the program was called or configured is wrong: told in one sentence, exit code 2, no stack. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}
