import type { Config } from '../config/config.ts'
import type { LoadResult } from '../config/load-config.ts'

/**
 * What keeps others out can be changed by a reload, never dropped: a file that is being written, or lost a section, would open everything.
 *
 * A configuration without authentication is checked against the address that it names itself, but a reload does not move the running
 * server to that address: so it counts where HTTP is served. Rules count however callers come.
 */
export function guardReload(
  result: LoadResult,
  running: Config,
  file: string,
  { servesHttp }: { readonly servesHttp: boolean },
): LoadResult {
  if (!result.ok) return result
  const refused = (message: string): LoadResult => ({
    ok: false,
    problems: [{ where: { in: 'file', file, line: 1, column: 1 }, message }],
  })
  if (servesHttp && asksWho(running) && !asksWho(result.config))
    return refused(
      'no authentication is left, and the running server asks for it: keep oauth, api_keys or api_key, or restart without them',
    )
  // guard: rules-stay
  if (running.rules !== undefined && result.config.rules === undefined)
    return refused(
      'no rules are left, and the running bridge has some: keep rules (an empty list denies everything), or restart without them',
    )
  return result
}

/** Every caller over HTTP has to show a token or a key. */
function asksWho({ server: { auth } }: Config): boolean {
  return auth.oauth !== undefined || auth.apiKeys.length > 0
}
