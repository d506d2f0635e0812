import { never } from '../../lib/never.ts'
import type { Word } from '../understanding.ts'
import type { Plan, PlannedRedirect } from './plan.ts'

/** Directories that only a host's administrator writes to, those of the distribution first. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/snap/bin'

/** The same for every program: no variable of the host's decides what a program does, and no program waits for a key in a pager. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH,
  LANG: 'C.UTF-8',
  TERM: 'dumb',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  MANPAGER: 'cat',
  SYSTEMD_PAGER: '',
  SYSTEMD_LESS: '',
  AWS_PAGER: '',
}

/** Who is logged in: the host's own, where they are set. */
const OWN = ['HOME', 'USER', 'LOGNAME', 'XDG_RUNTIME_DIR']
  .map((name) => `\${${name}:+"${name}=$${name}"}`)
  .join(' ')

/**
 * Writes a plan for any POSIX shell and zsh. Every word of ours is quoted or cannot be an alias. Each program is `exec`ed in a subshell:
 * so the rest of a list comes after it, and so bash, in its POSIX mode, lets no function take the place of `exec`.
 */
export function writeScript(plan: Plan): string {
  switch (plan.kind) {
    case 'program':
      return writeProgram(plan.argv, plan.environment)
    case 'pipeline':
      return `${plan.isNegated ? '! ' : ''}${plan.stages.map(plan.stages.length > 1 ? writeStage : writeScript).join(' | ')}`
    case 'list':
      return plan.rest.reduce(
        (before, { by, plan: next }) => `${before}${by === ';' ? ';' : ` ${by}`} ${writeScript(next)}`,
        writeScript(plan.first),
      )
    case 'group':
      return plan.isSubshell ? `( ${writeScript(plan.body)} )` : `{ ${writeScript(plan.body)}; }`
    case 'redirected':
      // A `cd` in parentheses would not last.
      return `${plan.body.kind === 'cd' ? writeScript(plan.body) : writeStage(plan.body)}${plan.redirects.map(writeRedirect).join('')}`
    case 'cd':
      return `\\cd -- ${plan.directory === undefined ? HOME : writeWord(plan.directory)}`
    default:
      return never(plan)
  }
}

/** A plan that binds together where it stands: in a pipeline, before a redirection. */
function writeStage(plan: Plan): string {
  const isOne = plan.kind === 'program' || plan.kind === 'group' || plan.kind === 'redirected'
  return isOne ? writeScript(plan) : `( ${writeScript(plan)} )`
}

function writeProgram(argv: readonly Word[], environment: Readonly<Record<string, string>>): string {
  // What a grammar asks for comes last: it may say that there is no home.
  const variables = [writeVariables(ENVIRONMENT), OWN, writeVariables(environment)].filter(
    (each) => each !== '',
  )
  // guard: fixed-environment
  const prefix = `POSIXLY_CORRECT=1; \\exec '/usr/bin/env' '-i' ${variables.join(' ')}`
  return `( ${prefix} ${argv.map(writeWord).join(' ')} )`
}

function writeVariables(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => quote(`${name}=${value}`))
    .join(' ')
}

function writeRedirect(redirect: PlannedRedirect): string {
  switch (redirect.kind) {
    case 'from':
      return ` <${writeWord(redirect.path)}`
    case 'nowhere':
      return ` ${redirect.fd}>/dev/null`
    case 'like':
      return ` ${redirect.fd}>&${redirect.to}`
    default:
      return never(redirect)
  }
}

/** A path, whatever HOME is: never an option. */
const HOME = '"/${HOME+${HOME#/}}"'

/** One argument of any shell, or the names of files that a pattern finds. */
export function writeWord(word: Word): string {
  if (word.kind === 'unknown')
    throw new TypeError(`a word that only the host knows cannot be written: ${word.source}`)
  const write = word.kind === 'text' ? quote : writePattern
  const text = word.kind === 'text' ? word.text : word.pattern
  if (!word.home) return write(text)
  return text === '~' ? HOME : HOME + write(text.slice(1))
}

/** Wildcards stay, all else is quoted. */
function writePattern(pattern: string): string {
  let written = ''
  let plain = ''
  // Quoted in one piece: zsh may take two quotes in the middle of a word for one in it.
  const end = () => {
    if (plain !== '') written += quote(plain)
    plain = ''
  }
  for (const [piece] of pattern.matchAll(/\\[\s\S]|\[[!]?(?:[A-Za-z0-9_.-]|\[:[a-z]+:\])+\]|[\s\S]/g)) {
    const isWildcard = piece === '*' || piece === '?' || (piece.startsWith('[') && piece.length > 1)
    if (isWildcard) end()
    if (isWildcard) written += piece
    else plain += piece.startsWith('\\') ? piece.slice(1) : piece
  }
  end()
  return written
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
