import type { RunAction } from '../../domain/call.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** One NUL in an exec request ends the whole connection, with everything that runs over it. */
export function refusalOfText({
  command,
  workingDirectory,
}: Pick<RunAction, 'command' | 'workingDirectory'>): NotStarted | undefined {
  if (!command.includes('\0') && !workingDirectory?.includes('\0')) return undefined
  return {
    kind: 'not_started',
    code: 'bad_request',
    message: 'A command or working directory cannot hold a NUL character. Nothing was run.',
  }
}

/** Said here, because all that the host would say is that it could not start the shell. */
export function tooLong(mostBytes: number): NotStarted {
  return {
    kind: 'not_started',
    code: 'payload_too_large',
    message: `The command is too long: run alone, it may have at most ${mostBytes} bytes. Nothing was run.`,
  }
}
