import type { RunAction } from '../../domain/call.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import type { SecretBook } from './secret-book.ts'

/** What a command is given, and the end of that. */
export interface Lent {
  readonly kind: 'lent'
  readonly secrets?: RevealedSecrets
  giveBack(): void
}

/**
 * The values behind the handles of a command, as late as can be: right before it is run. All or none: where one is not known to this owner
 * on this host, nothing is run.
 */
export function lendSecrets(owner: string, action: RunAction, book: SecretBook): Lent | NotStarted {
  if (action.secrets === undefined) return { kind: 'lent', giveBack: () => undefined }
  const found = action.secrets.map(({ as, handle }) => ({ as, kept: book.find(owner, action.host, handle) }))
  const known = found.flatMap(({ as, kept }) => (kept === undefined ? [] : [{ as, kept }]))
  // guard: all-secrets-or-none
  if (known.length < found.length) return notFound(action)
  const loans = known.map(({ kept }) => book.lend(owner, kept))
  const stdin = known.find(({ as }) => as === 'stdin')?.kept.value
  return {
    kind: 'lent',
    secrets: {
      env: known.flatMap(({ as, kept }) => (as === 'stdin' ? [] : [{ name: as.env, value: kept.value }])),
      ...(stdin !== undefined && { stdin }),
    },
    giveBack: () => {
      for (const loan of loans) loan.giveBack()
    },
  }
}

/** One message for a handle that never was, is forgotten, or belongs to somebody else or to another host. */
function notFound({ host }: RunAction): NotStarted {
  return {
    kind: 'not_started',
    code: 'secret_not_found',
    message: `There is no such secret on ${host} for you, or it was forgotten. Read again what it stood in: the answer has a handle that can be used. Nothing was run.`,
  }
}
