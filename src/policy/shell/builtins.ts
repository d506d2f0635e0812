/**
 * What only the shell itself can do: there is no program of the name, or it would do something else. Many evaluate what they are given
 * once more: `test -v`, `printf -v`, `read`, `declare`, `let` run commands that stand in quotes. Of the names that are also programs
 * (`echo`, `printf`, `test`, `[`, `kill`, `pwd`, `true`), the program is run.
 */
const BUILTINS = new Set([
  // Of every shell.
  ...'. alias bg break cd command continue eval exec exit export fc fg getopts hash jobs'.split(' '),
  ...'local read readonly return set shift times trap type ulimit umask unalias unset wait'.split(' '),
  // Of bash.
  ...'bind builtin caller compgen complete compopt declare dirs disown enable help history let logout'.split(
    ' ',
  ),
  ...'mapfile popd pushd readarray select shopt source suspend typeset'.split(' '),
  // Of ash and zsh.
  ...'chdir autoload disable float functions integer noglob nocorrect print rehash setopt unfunction'.split(
    ' ',
  ),
  ...'unsetopt whence where zmodload zstyle'.split(' '),
])

export function isBuiltin(name: string): boolean {
  return BUILTINS.has(name)
}
