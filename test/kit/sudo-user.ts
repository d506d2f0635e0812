import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostTarget, Sudo } from '../../src/domain/host.ts'
import { type Sshd, type SshdOptions, startSshd, type TargetOverrides } from './sshd.ts'

/** The user that scripts/test-user.sh makes. What sudo says to it depends on the login shell. */
export const SUDO_USER = 'ssh-mcp-test'

const PASSWORD_FILE = '/etc/ssh-mcp-test.password'

/** @throws when the user is not there or may not be used, with the command that makes it. */
export function sudoPassword(): string {
  if (process.getuid?.() === 0 && existsSync(PASSWORD_FILE)) return readFileSync(PASSWORD_FILE, 'utf8').trim()
  throw new Error(
    'The tests of sudo log in as a user of their own and run as root: sudo sh -eu scripts/test-user.sh && sudo npm test',
  )
}

export interface SudoHost {
  readonly sshd: Sshd
  target(name: string, sudo: Sudo | undefined, overrides?: TargetOverrides): HostTarget
  stop(): Promise<void>
}

/**
 * A host that one logs in to as that user. `bash`: sudo asks for the password · `dash`: it does not · `zsh`: it demands a terminal ·
 * `rbash`: it is not allowed · `no-sudo`: bash, with a PATH on which there is none.
 */
export async function startSudoHost(
  shell: 'bash' | 'dash' | 'ash' | 'zsh' | 'rbash' | 'no-sudo' = 'bash',
  more: readonly string[] = [],
): Promise<SudoHost> {
  const own = (line: string): SshdOptions => ({ shell: 'bash', config: [`ForceCommand ${line}`, ...more] })
  const options =
    shell === 'rbash'
      ? own('exec env SHELL=/bin/rbash /bin/bash -c "$SSH_ORIGINAL_COMMAND"')
      : shell === 'no-sudo'
        ? own('exec env PATH=/usr/sbin /bin/bash -c "$SSH_ORIGINAL_COMMAND"')
        : { shell, config: more }
  sudoPassword()
  const sshd = await startSshd(options)
  // The server reads the keys as the user who logs in.
  chmodSync(sshd.directory, 0o755)
  chmodSync(join(sshd.directory, 'authorized_keys'), 0o644)
  return {
    sshd,
    target: (name, sudo, overrides) => ({
      ...sshd.target(name, { username: SUDO_USER, ...overrides }),
      ...(sudo !== undefined && { sudo }),
    }),
    stop: () => sshd.stop(),
  }
}
