import type { Sudo } from '../../domain/host.ts'
import { COMMAND_VARIABLE } from './channel.ts'
import { directoryWord, type ExecLine, NO_DIRECTORY_STATUS, NO_PAGER, shellWord } from './exec-line.ts'

/** The login shell, whoever runs it: the one program that sudoers must allow. */
const SHELL = '"${SHELL:-/bin/sh}"'

/** What tells our own words on a channel's stderr from everybody else's: 32 hex characters each. */
export interface SudoMarks {
  /** sudo prints it when it wants the password. */
  readonly prompt: string
  /** What runs as root prints it as its first act. */
  readonly ready: string
}

/**
 * sudo and how it is to ask. `-k` with a command: credentials it remembers are neither used nor made, so that every call asks alike. The
 * password is not in the line: it is sent once the prompt has come.
 */
function sudoWords(sudo: Sudo, prompt: string): string {
  return sudo.kind === 'nopasswd' ? 'sudo -n --' : `sudo -k -S -p ${prompt} --`
}

/**
 * The line that the login shell gets for a command as root. The command is handed to the shell that it would be handed to without sudo
 * (`$SHELL`), so that its text means the same; sudoers must allow that shell. Root's shell takes its input from /dev/null before it says
 * anything (where there are secrets: from the channel, on which they come once it has spoken), announces the group of the login shell (everything sudo starts descends from it), enters the directory with root's
 * rights (`~` is still the login's home), and gets back the locale: sudo itself speaks C, for its words are read.
 */
export function sudoLine(line: ExecLine, sudo: Sudo, { prompt }: Pick<SudoMarks, 'prompt'>): string {
  const { nonce, command, workingDirectory, disablePager, takeSecrets } = line
  const inner = [
    ...(takeSecrets === undefined ? ['exec </dev/null'] : []),
    `printf '%s%s %s\\n' ${inHalves(nonce)} "$1" >&2`,
    `export ${COMMAND_VARIABLE}=${nonce}`,
    ...(takeSecrets === undefined ? [] : [takeSecrets]),
    'if [ -n "$3" ]; then export LC_ALL="$3"; else unset LC_ALL; fi',
    ...(disablePager ? [NO_PAGER] : []),
    ...(workingDirectory === undefined
      ? []
      : [`cd -- ${directoryWord(workingDirectory, '"$2"')} || exit ${NO_DIRECTORY_STATUS}`]),
    'shift 3',
  ].join('; ')
  const script = shellWord(`${inner}\n${command}`)
  return `export ${COMMAND_VARIABLE}=${nonce}; LC_ALL=C ${sudoWords(sudo, prompt)} ${SHELL} -c ${script} ${SHELL} "$$" "$HOME" "\${LC_ALL-}"`
}

/** A sudo that refuses repeats the words it was given: they must not look like what they would have printed. */
function inHalves(mark: string): string {
  return `${mark.slice(0, 16)} ${mark.slice(16)}`
}

/** A line that starts a program of ours as root, on whose standard input and output the caller goes on. `program`: words of sh. */
export function rootLine(sudo: Sudo, { prompt, ready }: SudoMarks, program: string): string {
  const script = shellWord(`printf '%s%s\\n' ${inHalves(ready)} >&2; exec ${program}`)
  return `LC_ALL=C ${sudoWords(sudo, prompt)} ${SHELL} -c ${script}`
}
