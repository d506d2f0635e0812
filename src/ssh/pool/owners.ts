import type { Call } from '../../domain/call.ts'
import type { HostName } from '../../domain/host.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'

/** Who the owners of connections are: connections are kept under a key, which tells less than a lock may ask. */
export class Owners {
  readonly #byKey = new Map<string, Principal>()

  /** The key of the principal, as it is now. */
  keyOf(principal: Principal): string {
    const key = principalKey(principal)
    this.#byKey.set(key, principal)
    return key
  }

  /** Undefined once it owns nothing any more. */
  principalOf(key: string): Principal | undefined {
    return this.#byKey.get(key)
  }

  /** A question about work on hosts as one about connections. */
  connectionsOf(isOver: (what: Pick<Call, 'principal' | 'action'>) => boolean) {
    return (key: string, host: HostName): boolean => {
      const principal = this.#byKey.get(key)
      const action = { kind: 'describe_host', host, refresh: false } as const
      return principal !== undefined && isOver({ principal, action })
    }
  }

  /** Forgets those that own nothing any more. */
  keepOnly(ownsSomething: (key: string) => boolean): void {
    for (const key of [...this.#byKey.keys()]) if (!ownsSomething(key)) this.#byKey.delete(key)
  }
}
