import type { Clock } from '../../src/lib/clock.ts'
import type { Fetch } from '../../src/outbound/fetch.ts'
import { guardedFetch } from '../../src/outbound/guarded-fetch.ts'

/** The product's own way out, as if every address of this machine were configured. */
export function toLoopback(clock: Clock): Fetch {
  return guardedFetch(() => ({ privateAddresses: [], configuredOrigins: new Everything() }), { clock })
}

class Everything extends Set<string> {
  override has(): boolean {
    return true
  }
}
