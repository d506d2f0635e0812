import type { RunAction } from '../../domain/call.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { refusalOfText } from '../run/command-text.ts'
import { sudoNotOffered } from '../run/sudo-refusal.ts'

/** What cannot be run detached at all: said before anything is sent. */
export function refusalOf(action: RunAction, { host, sudo }: HostTarget): NotStarted | undefined {
  const refused = refusalOfText(action) ?? refusalOfSecrets(action)
  if (refused !== undefined || action.sudo !== true) return refused
  if (sudo === undefined) return sudoNotOffered(host.name)
  return sudo.kind === 'nopasswd' ? undefined : passwordNeeded(host.name)
}

function passwordNeeded(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `sudo on ${host} wants a password, which nobody could give to a detached command. Run it without detached, or have sudo ask for none there. Nothing was run.`,
  }
}

/** What a detached command is to read lies on its host's disk until it has. */
function refusalOfSecrets({ secrets, host }: RunAction): NotStarted | undefined {
  // guard: no-secret-on-a-disk
  if (secrets === undefined) return undefined
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `A detached command takes no secrets: they would lie on the disk of ${host}. Run it without detached. Nothing was run.`,
  }
}

export function stopping(): NotStarted {
  return { kind: 'not_started', code: 'shutting_down', message: 'The bridge is stopping. Nothing was run.' }
}
