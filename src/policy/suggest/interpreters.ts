/** Programs that do whatever a file, their words or their input tell them: of two that look alike, one may be anything. */
const INTERPRETERS = new Set([
  ...'sh bash dash ash ksh mksh zsh fish csh tcsh busybox'.split(' '),
  ...'python perl ruby node php lua tclsh awk gawk mawk sed'.split(' '),
  ...'env xargs parallel eval exec source . find expect script'.split(' '),
  ...'ssh su sudo doas runuser setpriv nsenter chroot unshare'.split(' '),
  ...'psql mysql mariadb sqlite3 mongo mongosh redis-cli at batch'.split(' '),
])

/** Any version of it, wherever it lies: `python3.11`, `/usr/local/bin/node`. */
export function isInterpreter(program: string): boolean {
  // The name is enough: what only has the name of one is no better known.
  const name = program.slice(program.lastIndexOf('/') + 1)
  return INTERPRETERS.has(name) || INTERPRETERS.has(name.replace(/[\d.]+$/, ''))
}

/** What it does is said by its input alone, so its words say nothing of what was done. */
export function doesWhatItReads([program = '', ...words]: readonly string[]): boolean {
  return isInterpreter(program) && words.every((word) => word.startsWith('-'))
}
