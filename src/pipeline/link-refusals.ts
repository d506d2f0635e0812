import type { NotStarted } from '../domain/outcome.ts'

/** Of a link that is used up, over, or was never there: nobody can tell which. */
export const USED_UP: NotStarted = {
  kind: 'not_started',
  code: 'not_found',
  message: 'There is nothing at this path.',
}

export const NOT_RECORDABLE: NotStarted = {
  kind: 'not_started',
  code: 'audit_unavailable',
  message: 'The audit log cannot be written, so nothing was transferred. It resumes by itself once it can.',
}

export const IN_USE: NotStarted = {
  kind: 'not_started',
  code: 'rate_limited',
  message: 'The link is in use at another instance of the bridge. Try again in some seconds.',
}
