// Before the tests: builds the product they start, and sees to it that the real parts they use are on this machine. Installs the
// missing Debian packages where it may (root and apt-get), and otherwise says exactly what to install. Never skips silently.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'

const PARTS = [
  { program: 'sshd', package: 'openssh-server', for: 'the SSH hosts of the journeys' },
  { program: 'ssh-keygen', package: 'openssh-client', for: 'keys and fingerprints' },
  { program: 'nginx', package: 'nginx-light', for: 'the documented reverse proxy' },
  { program: 'bash', package: 'bash', for: 'a login shell' },
  { program: 'dash', package: 'dash', for: 'a login shell' },
  { program: 'busybox', package: 'busybox', for: 'a login shell (ash)' },
  { program: 'zsh', package: 'zsh', for: 'a login shell' },
  { program: 'openssl', package: 'openssl', for: 'the certificate of the reverse proxy' },
  { program: 'curl', package: 'curl', for: 'the commands in the documents' },
  { program: 'git', package: 'git', for: 'a program that asks for a pager' },
  { program: 'ps', package: 'procps', for: 'seeing that no process is left on a host' },
  { program: 'sudo', package: 'sudo', for: 'commands as root' },
  { program: 'glewlwyd', package: 'glewlwyd', for: 'an OpenID provider that is not ours' },
  { program: 'sqlite3', package: 'sqlite3', for: 'the database of that provider' },
  { program: 'chromium', package: 'chromium', for: 'the pages to sign in' },
  { program: 'vi', package: 'vim-tiny', for: 'a full-screen program in a terminal' },
  { program: 'pg_ctlcluster', package: 'postgresql', for: 'the database of several instances' },
  { program: 'script', package: 'bsdutils', for: 'the product at a terminal' },
  { program: 'rsyslogd', package: 'rsyslog', for: 'a receiver of audit records' },
  { program: 'rsyslogd', file: '/usr/share/doc/rsyslog-openssl', package: 'rsyslog-openssl', for: 'its TLS' },
  { program: 'gcc', package: 'gcc', for: 'a disk whose fsync fails' },
  { program: 'gcc', file: '/usr/include/dlfcn.h', package: 'libc6-dev', for: 'a disk whose fsync fails' },
  { program: 'mount', package: 'mount', for: 'a disk that is full' },
  { program: 'python3', package: 'python3-minimal', for: 'the verifier that is not ours alone' },
]

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']
const missing = () =>
  PARTS.filter(
    ({ program, file }) =>
      !(file ? existsSync(file) : FOLDERS.some((folder) => existsSync(`${folder}/${program}`))),
  )

const packages = [...new Set(missing().map((part) => part.package))]
if (packages.length > 0) {
  const mayInstall = process.getuid?.() === 0 && FOLDERS.some((folder) => existsSync(`${folder}/apt-get`))
  if (mayInstall) {
    console.error(`Installing what the tests use: ${packages.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: 'inherit',
      env,
    })
  }
  const left = missing()
  if (left.length > 0) {
    console.error('The tests use real programs that are not on this machine:')
    for (const part of left) console.error(`  ${part.program}: ${part.for} (Debian package ${part.package})`)
    console.error(
      `\nInstall them, then run npm test again:\n\n  sudo apt-get install -y ${[...new Set(left.map((part) => part.package))].join(' ')}\n`,
    )
    process.exit(1)
  }
}

// A user that may become root by password: the tests of sudo log in as it. Its password is chance and readable by root alone.
const USER_FILES = ['/etc/sudoers.d/ssh-mcp-test', '/etc/ssh-mcp-test.password']
if (process.getuid?.() !== 0 || !USER_FILES.every(existsSync)) {
  const commands = readFileSync('scripts/test-user.sh', 'utf8')
  if (process.getuid?.() === 0) execFileSync('/bin/sh', ['-eu'], { input: commands, stdio: ['pipe', 2, 2] })
  else
    console.error(
      'The tests of sudo will fail: they need root and a user of their own. Run as root: npm test',
    )
}

execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
