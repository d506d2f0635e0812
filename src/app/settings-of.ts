import type { Config } from '../config/config.ts'
import type { CommandLimits } from '../pipeline/commands/command-book.ts'
import type { ExecutorSettings } from '../ssh/executor.ts'

/** What of the configuration `ssh/` goes by. */
export function sshSettings({ session, ssh, files }: Config): ExecutorSettings {
  return { ...session, ...ssh, files }
}

let limits: { readonly from: Config['commands']; readonly commands: CommandLimits } | undefined

/** Asked several times for each command; made anew when the configuration is replaced. */
export function commandLimits(from: Config['commands']): CommandLimits {
  if (limits?.from !== from)
    limits = {
      from,
      commands: { ...from, commandBytes: from.outputBytes, totalBytes: from.totalOutputBytes },
    }
  return limits.commands
}
