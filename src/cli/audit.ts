import { exportAudit } from './audit/export.ts'
import { keyCommands } from './audit/keys.ts'
import { search } from './audit/search.ts'
import { addSinks } from './audit/sinks.ts'
import { tail } from './audit/tail.ts'
import { verify } from './audit/verify.ts'
import { verifyReceipt } from './audit/verify-receipt.ts'
import type { CliCommand, Subcommand } from './command.ts'

/** In the order in which `--help` lists them. */
const COMMANDS: readonly Subcommand[] = [
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
