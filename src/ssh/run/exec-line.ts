import { announce } from './channel.ts'

export interface ExecLine {
  readonly nonce: string
  readonly command: string
  readonly workingDirectory?: string
  readonly disablePager: boolean
  /** Words that take secrets from the standard input: `secretInput`. */
  readonly takeSecrets?: string
}

/** So that no program waits for a key press: the pagers of git, systemd, man, the AWS client, psql, and whoever asks PAGER. */
export const NO_PAGER = 'export PAGER=cat GIT_PAGER=cat SYSTEMD_PAGER= MANPAGER=cat AWS_PAGER= PSQL_PAGER=cat'

/**
 * The longest line: what Linux takes as one argument of a program (MAX_ARG_STRLEN, 131,072 with the final NUL), less what sshd puts
 * before it where the host forces a command.
 */
export const MAX_LINE_BYTES = 131_050

/** The exit status of a line whose `workingDirectory` could not be entered; the command was not run then. */
export const NO_DIRECTORY_STATUS = 125

/**
 * The line that the login shell gets for a command in exec mode: who it is, its environment, its directory, then the command exactly
 * as given. The command begins on a line of its own, so that nothing in it can swallow our words.
 */
export function execLine({ nonce, command, workingDirectory, disablePager, takeSecrets }: ExecLine): string {
  const before = [
    announce(nonce),
    ...(takeSecrets === undefined ? [] : [takeSecrets]),
    ...(disablePager ? [NO_PAGER] : []),
    ...(workingDirectory === undefined
      ? []
      : [`cd -- ${directoryWord(workingDirectory)} || exit ${NO_DIRECTORY_STATUS}`]),
  ]
  return `${before.join('; ')}\n${command}`
}

/** `~` is the login's home; a relative path begins there too, as it does in every exec channel, and CDPATH has no say in it. */
export function directoryWord(path: string, home = '"$HOME"'): string {
  if (path === '~') return home
  if (path.startsWith('~/')) return `${home}/${shellWord(path.slice(2))}`
  return shellWord(path.startsWith('/') ? path : `./${path}`)
}

/** One word of any POSIX shell, byte for byte `text`. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
