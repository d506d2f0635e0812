import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sshd } from './sshd.ts'

/** A person's home directory with what the documents take for granted: a key, a known host, and `~/.ssh/config`. */
export interface Person {
  readonly home: string
  /** The environment of a program that this person starts. */
  readonly env: NodeJS.ProcessEnv
  /** A documented configuration in a file of this person's, its example addresses led to the test server. */
  write(name: string, yaml: string): string
  remove(): void
}

/** Documents name hosts of 192.0.2.0/24, which nobody answers; `home-server` is the host of `~/.ssh/config`. */
export function makePerson(sshd: Sshd): Person {
  const home = mkdtempSync(join(tmpdir(), 'bridge-person-'))
  for (const folder of ['.ssh', 'keys']) mkdirSync(join(home, folder), { mode: 0o700 })
  // Copies keep the mode, which is the owner's alone.
  for (const path of ['.ssh/id_ed25519', 'keys/id_ed25519'])
    copyFileSync(sshd.clientKeyPath, join(home, path))
  copyFileSync(sshd.knownHostsPath, join(home, '.ssh/known_hosts'))
  writeFileSync(
    join(home, '.ssh/config'),
    `Host home-server\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${sshd.username}\n  IdentityFile ~/.ssh/id_ed25519\n`,
  )
  const { PATH, TMPDIR } = process.env
  return {
    home,
    env: {
      PATH,
      TMPDIR,
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
      SSH_AUTH_SOCK: join(home, 'agent.sock'),
    },
    write(name, yaml) {
      const path = join(home, name)
      writeFileSync(path, ledTo(sshd, yaml), { mode: 0o600 })
      return path
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** A documented text, its example addresses led to the test server. */
export function ledTo(sshd: Sshd, yaml: string): string {
  return yaml
    .replace(/^( +)host: 192\.0\.2\.\d+(?:\n +port: 22)?$/gm, `$1host: 127.0.0.1\n$1port: ${sshd.port}`)
    .replace(/^( +)username: \w+$/gm, `$1username: ${sshd.username}`)
}
