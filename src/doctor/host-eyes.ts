/** Why a host could not be reached. */
export type ReachFault = 'unknown_name' | 'refused' | 'silent' | 'no_route' | 'handshake'

/** What was seen of one host, as far as it went: what follows the first fault is undefined. */
export interface HostSight {
  readonly name: string
  /** For the operator, who runs this: `admin at 192.0.2.10 port 22`. */
  readonly where: string
  /** It was not connected to, and why: a lock, records that cannot be written. */
  readonly denied?: string
  /** The jump hosts on the way, in order, and the first of them that could not be used. */
  readonly hops: readonly string[]
  readonly brokenHop?: { readonly name: string; readonly why: string }
  readonly unreachable?: { readonly fault: ReachFault; readonly why: string }
  readonly hostKey?: {
    readonly verdict: 'trusted' | 'unknown' | 'changed' | 'revoked'
    readonly shown: string
    readonly pinned: boolean
  }
  readonly signIn?:
    | { readonly kind: 'accepted' }
    | {
        readonly kind: 'refused'
        readonly why: string
        readonly offered: string
        readonly methods: readonly string[]
      }
  readonly shell?:
    | {
        readonly kind: 'runs'
        readonly login: string | undefined
        readonly noise: string
        readonly epochS: number | undefined
        readonly askedAtMs: number
      }
    | { readonly kind: 'fails'; readonly why: string }
  readonly sftp?: { readonly kind: 'works' } | { readonly kind: 'fails'; readonly why: string }
  readonly sudo?:
    | { readonly kind: 'works' | 'not_configured' }
    | { readonly kind: 'fails'; readonly why: string }
  /** Not a POSIX system: what is asked of a shell does not concern it. */
  readonly isPlain: boolean
}

/** What looks at hosts by the product's own connections; made by `app/`, which knows SSH. */
export interface HostEyes {
  readonly names: readonly string[]
  /** Looks once at one host. Limited in time by itself; never rejects. */
  look(name: string): Promise<HostSight>
}
