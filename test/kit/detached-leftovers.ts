import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The directories of detached commands below `stateHome` (`$XDG_STATE_HOME` of the host) that hold more than a name. A name alone is
 * kept where an asking to begin the command got lost and might still arrive.
 */
export function detachedLeftovers(stateHome: string): string[] {
  const directory = join(stateHome, 'ssh-mcp-bridge')
  if (!existsSync(directory)) return []
  return readdirSync(directory).filter((name) => {
    const inside = readdirSync(join(directory, name))
    return inside.length !== 1 || inside[0] !== 'state.dropped'
  })
}
