import type { Call, ListHostsAction } from '../domain/call.ts'
import type { HostPage } from '../domain/host.ts'
import type { DecisionContext } from '../policy/decide.ts'
import { type Selector, selectsHost } from '../policy/hosts/selector.ts'
import { parseSelectors } from './fan-out/selectors.ts'
import { hostViews } from './host-views.ts'

/** As many as a model can read: what the edges ask for when a call does not say. */
export const USUAL_HOSTS = 200
/** As many as one answer holds at most. */
export const MOST_HOSTS = 1_000
/** The longest `match`. */
const MOST_MATCH_CHARACTERS = 1_024

/** What a `match` must be, in words. */
export const MATCH_FORM =
  'must be host names, patterns (web-*, web-[01-20]) or tag:NAME; ! in front takes out'

export function isMatch(text: string): boolean {
  return text.length <= MOST_MATCH_CHARACTERS && typeof selectorsIn(text) !== 'string'
}

/** The hosts of the caller that are asked for, in the order of the configuration, a page of them. */
export function listHosts(call: Call, action: ListHostsAction, context: DecisionContext): HostPage {
  const { match, offset = 0, limit = Number.POSITIVE_INFINITY } = action
  const views = hostViews(call, context)
  const selectors = match === undefined ? undefined : selectorsIn(match)
  // What the edges do not let through means nothing.
  const meant =
    selectors === undefined
      ? views
      : typeof selectors === 'string'
        ? []
        : views.filter((view) => selectsHost(selectors, view))
  return { hosts: meant.slice(offset, offset + limit), total: meant.length, offset }
}

/** `web-* tag:prod !web-3`, with spaces or commas between. One that only takes out leaves all others. */
function selectorsIn(text: string): readonly Selector[] | string {
  const texts = text.split(/[\s,]+/).filter((word) => word !== '')
  const takesOutOnly = texts.every((word) => word.startsWith('!'))
  return parseSelectors(takesOutOnly ? ['*', ...texts] : texts)
}
