import type { HostName, Sudo } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'
import type { Channel, ChannelOpening } from '../transport/transport.ts'

/** Where systems keep OpenSSH's server: Debian, Fedora, Arch and Alpine, FreeBSD and macOS. */
const PLACES = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/local/libexec/sftp-server',
]

/** The login shell: the one program that sudoers must allow, for commands as for files. */
const SHELL = '"${SHELL:-/bin/sh}"'

/** How long sudo may take to ask, and after the password to begin. A wrong password makes it wait a few seconds. */
const SUDO_MS = 15_000
const MOST_TALK_BYTES = 16_384

/** How the server is begun on a channel, and whether it has begun. */
export interface SftpStart {
  readonly opening: ChannelOpening
  /** Called in the tick in which the channel is there. Resolves once the next byte on it is SFTP, or to why it never will be. */
  begin(channel: Channel): Promise<NotStarted | undefined>
}

/** The subsystem of RFC 4254 §6.5: the server is there at once. */
export const bySubsystem: SftpStart = {
  opening: { kind: 'subsystem', name: 'sftp' },
  begin: async (channel) => {
    channel.stderr.resume()
    return undefined
  },
}

/**
 * The server as root. sudo's own prompt is a word that only this session knows, and the password is sent when sudo has asked with it and
 * not before: under a rule without a password it would otherwise become the first bytes of SFTP. It is sent once: a second question
 * means that it was wrong, and further tries lock accounts. Nothing of SFTP is sent before the inner shell has printed its mark.
 */
export function bySudo(sudo: Sudo, host: HostName, clock: Clock): SftpStart {
  const mark = randomHex()
  const prompt = `${randomHex()}:`
  const flags = sudo.kind === 'password' ? `-k -S -p ${prompt}` : '-n'
  const tries = PLACES.map((path) => `[ -x ${path} ] && echo ${mark} && exec ${path}`).join('; ')
  return {
    opening: { kind: 'exec', line: `LC_ALL=C sudo ${flags} -- ${SHELL} -c '${tries}; exit 69'` },
    begin: (channel) =>
      new Promise((resolve) => {
        const settled = new AbortController()
        let stdout = Buffer.alloc(0)
        let stderr = ''
        let asked = 0
        let exit: number | null | undefined
        const done = (answer: NotStarted | undefined) => {
          if (settled.signal.aborted) return
          settled.abort('settled')
          channel.off('data', onStdout)
          channel.stderr.off('data', onStderr)
          channel.stderr.resume()
          // Whoever listens next lets it flow again.
          channel.pause()
          if (answer !== undefined) channel.close()
          resolve(answer)
        }
        const fail = (why: string) => done(failed(host, why, stderr.replaceAll(prompt, '')))
        const onStdout = (chunk: Buffer) => {
          stdout = Buffer.concat([stdout, chunk])
          const at = stdout.indexOf(`${mark}\n`)
          if (at >= 0) {
            // SFTP servers speak only when spoken to.
            if (stdout.length > at + mark.length + 1) fail('the server spoke before it was asked')
            else done(undefined)
          } else if (stdout.length > MOST_TALK_BYTES) fail('it printed too much')
        }
        const onStderr = (chunk: Buffer) => {
          if (stderr.length < MOST_TALK_BYTES) stderr += chunk.toString('latin1')
          const prompts = stderr.split(prompt).length - 1
          if (prompts <= asked) return
          asked = prompts
          if (sudo.kind !== 'password' || asked > 1) fail('the configured password is wrong')
          else channel.write(`${sudo.password}\n`)
        }
        channel.on('data', onStdout)
        channel.stderr.on('data', onStderr)
        channel.on('exit', (code) => {
          exit = code
        })
        channel.on('error', () => fail('the connection was lost'))
        channel.on('close', () => fail(ending(exit, sudo)))
        clock.sleep(SUDO_MS, settled.signal).then(
          () => fail('sudo did not begin in time'),
          () => undefined,
        )
      }),
  }
}

function ending(exit: number | null | undefined, sudo: Sudo): string {
  if (exit === 69) return 'the host has no sftp-server in the usual places'
  if (exit === 127) return 'the host has no sudo'
  return sudo.kind === 'password'
    ? 'sudo refused: the user may not, or not without a terminal, or the password is wrong'
    : 'sudo refused: the user may not, or not without a password'
}

function failed(host: HostName, why: string, said: string): NotStarted {
  return {
    kind: 'not_started',
    code: 'sudo_failed',
    message: `Root's rights were not had on ${host}: ${why}. Nothing was done.`,
    detail: said.trim().slice(0, 500),
  }
}
