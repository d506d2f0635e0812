import type { Command } from 'commander'
import { exportAudit } from './audit/export.ts'
import { keyCommands } from './audit/keys.ts'
import { search } from './audit/search.ts'
import { addSinks } from './audit/sinks.ts'
import { tail } from './audit/tail.ts'
import { verify } from './audit/verify.ts'
import { verifyReceipt } from './audit/verify-receipt.ts'
import type { CliCommand, ExitCode } from './command.ts'

/** Adds one command to the group; it tells its exit code as every command does. */
export type AuditCommand = (audit: Command, exit: (code: ExitCode) => void) => void

/** In the order in which `--help` lists them. */
const COMMANDS: readonly AuditCommand[] = [
  search,
  tail,
  exportAudit,
  verify,
  verifyReceipt,
  keyCommands,
  addSinks,
]

/**
 * What can be asked of the record of everything that was asked and done. Each command below it is a file of its own in `audit/`, and one
 * line in the list.
 */
export const audit: CliCommand = {
  register(program, exit) {
    const group = program.command('audit').description('the record of everything that was asked and done')
    for (const add of COMMANDS) add(group, exit)
  },
}
