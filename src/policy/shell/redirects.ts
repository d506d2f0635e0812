import type { Word as AstWord, Redirect } from 'unbash'
import type { Word } from '../understanding.ts'
import { unheardOf } from './opaque.ts'
import type { PlannedRedirect } from './plan.ts'
import { resolveWord } from './words.ts'

/** What a redirection does, as far as it matters. */
export type RedirectMeaning =
  | { readonly kind: 'planned'; readonly redirects: readonly PlannedRedirect[]; readonly reads?: string }
  /** It may write to a file, or do what is not known. */
  | { readonly kind: 'other'; readonly why: string }

export function redirectMeaning(redirect: Redirect): RedirectMeaning {
  const { descriptor, operator } = redirect
  if (descriptor?.type === 'FileDescriptorVariable') return other('it opens a file for a variable')
  const target = textOf(redirect.target)
  switch (operator) {
    case '<':
      return input(descriptor?.value ?? 0, redirect.target)
    case '>':
    case '>>':
    case '>|':
      return output(descriptor?.value ?? 1, target)
    case '&>':
    case '&>>':
      return both(target)
    case '>&':
      return duplicate(descriptor?.value, target)
    case '<&':
    case '<>':
      return other(`it has a redirection that is seldom: ${operator}`)
    default:
      return unheardOf(operator as never)
  }
}

function input(fd: number, target: AstWord | undefined): RedirectMeaning {
  const words = target === undefined ? [] : resolveWord(target)
  const [path] = words
  if (fd !== 0 || words.length !== 1 || path?.kind !== 'text')
    return other('it reads from a file that only the host knows')
  const reads = path.home || !path.text.startsWith('~') ? path.text : `./${path.text}`
  return { kind: 'planned', redirects: [{ kind: 'from', path }], reads }
}

function output(fd: number, target: string | undefined): RedirectMeaning {
  // guard: output-goes-nowhere-else
  if (target !== '/dev/null' || (fd !== 1 && fd !== 2))
    return other(`it writes to ${target ?? 'a file that only the host knows'}`)
  return { kind: 'planned', redirects: [{ kind: 'nowhere', fd }] }
}

function both(target: string | undefined): RedirectMeaning {
  const meaning = output(1, target)
  return meaning.kind === 'other'
    ? meaning
    : { kind: 'planned', redirects: [...meaning.redirects, { kind: 'like', fd: 2, to: 1 }] }
}

function duplicate(fd: number | undefined, target: string | undefined): RedirectMeaning {
  if (target === '1' || target === '2') {
    const from = fd ?? 1
    if (from === 1 || from === 2)
      return { kind: 'planned', redirects: [{ kind: 'like', fd: from, to: Number(target) }] }
  }
  return fd === undefined && target === '/dev/null'
    ? both(target)
    : other(`it redirects to ${target ?? 'what only the host knows'}`)
}

function textOf(target: AstWord | undefined): string | undefined {
  const words: readonly Word[] = target === undefined ? [] : resolveWord(target)
  const [word] = words
  return words.length === 1 && word?.kind === 'text' && !word.home ? word.text : undefined
}

function other(why: string): RedirectMeaning {
  return { kind: 'other', why }
}
