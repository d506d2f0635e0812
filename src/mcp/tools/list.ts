import { cancelCommand } from './cancel-command.ts'
import { checkCommand } from './check-command.ts'
import { closeSession } from './close-session.ts'
import type { Tool } from './define-tool.ts'
import { describeHost } from './describe-host.ts'
import { editFile } from './edit-file.ts'
import { executeCommand } from './execute-command.ts'
import { getCommandOutput } from './get-command-output.ts'
import { getSessionStats } from './get-session-stats.ts'
import { getWorkingDirectory } from './get-working-directory.ts'
import { listDirectory } from './list-directory.ts'
import { listHosts } from './list-hosts.ts'
import { openSession } from './open-session.ts'
import { readFile } from './read-file.ts'
import { runOnHosts } from './run-on-hosts.ts'
import { transferFile } from './transfer-file.ts'
import { undoChange } from './undo-change.ts'
import { useTerminal } from './use-terminal.ts'
import { writeFile } from './write-file.ts'

/**
 * Every tool, sorted by name: the same list in the same order for every caller and connection, so that clients can cache it and
 * models find the same prefix each time.
 */
export const TOOLS: readonly Tool[] = [
  cancelCommand,
  checkCommand,
  closeSession,
  describeHost,
  editFile,
  executeCommand,
  getCommandOutput,
  getSessionStats,
  getWorkingDirectory,
  listDirectory,
  listHosts,
  openSession,
  readFile,
  runOnHosts,
  transferFile,
  undoChange,
  useTerminal,
  writeFile,
]
