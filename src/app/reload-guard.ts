import type { Config } from '../config/config.ts'
import type { LoadResult } from '../config/load-config.ts'

/**
 * A configuration without authentication is checked against the address that it names itself, but a reload does not move the running
 * server to that address: a file that lost its `server` section would open a public one to everybody. So authentication that is asked
 * for now can be changed by a reload, never dropped.
 */
export function guardReload(result: LoadResult, running: Config, file: string): LoadResult {
  if (!result.ok) return result
  if (!asksWho(running) || asksWho(result.config)) return result
  const message =
    'no authentication is left, and the running server asks for it: keep oauth, api_keys or api_key, or restart without them'
  return { ok: false, problems: [{ where: { in: 'file', file, line: 1, column: 1 }, message }] }
}

/** Every caller over HTTP has to show a token or a key. */
function asksWho({ server: { auth } }: Config): boolean {
  return auth.oauth !== undefined || auth.apiKeys.length > 0
}
