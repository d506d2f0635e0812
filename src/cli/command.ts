import type { Command } from 'commander'

/** One command of the command line: one file, one line in the list of `run.ts`. */
export interface CliCommand {
  /** Adds itself to the program. Its action reports the exit code through `exit`. */
  register(program: Command, exit: (code: ExitCode) => void): void
}

/** One command below another, such as `audit verify`. It tells its exit code as every command does. */
export type Subcommand = (group: Command, exit: (code: ExitCode) => void) => void

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
  write(`${text}\n`)
}

/** To standard output as it is. */
export function write(text: string): void {
  if (!process.stdout.listeners('error').includes(nobodyReads)) process.stdout.on('error', nobodyReads)
  process.stdout.write(text)
}

/** Whoever reads has had enough, as `head` has: there is nobody left to tell, and that is no defect. What has to end in order listens itself. */
function nobodyReads({ code }: NodeJS.ErrnoException): void {
  if (process.stdout.listenerCount('error') > 1) return
  if (code !== 'EPIPE') complain(`standard output cannot be written: ${code}`)
  process.exit(code === 'EPIPE' ? 0 : 1)
}

/** To standard error. Whoever has stopped listening there misses nothing that they wanted. */
export function complain(text: string): void {
  if (!process.stderr.listeners('error').includes(nobodyHears)) process.stderr.on('error', nobodyHears)
  process.stderr.write(`${text}\n`)
}

function nobodyHears(): void {}

/** Asks whoever sits at the terminal, on standard error. Resolves to whether they wrote `yes`; to undefined where nobody can be asked. */
export async function askYes(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // Whoever ends the input has not said yes.
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const said = await Promise.race([terminal.question(`${question} (yes/no)? `), ended])
  terminal.close()
  return said.trim().toLowerCase() === 'yes'
}
