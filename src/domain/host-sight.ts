import type { ErrorCode } from './errors.ts'
import type { HostFacts } from './facts.ts'
import type { HostTotals } from './meter.ts'

/** What this instance knows of a host without asking it. No address, no user, no credential. */
export interface HostContact {
  /** Open to it now, of all callers together. */
  readonly open: Omit<HostTotals, 'terminals'>
  /** When a connection was made last. */
  readonly connectedAt?: Date
  /** The last attempt that failed, with what its caller was told. Absent once one has succeeded. */
  readonly failed?: { readonly at: Date; readonly code: ErrorCode; readonly message: string }
  /** The last host key that was not trusted; it stays, whatever came after it. */
  readonly keyRefused?: { readonly at: Date; readonly code: ErrorCode; readonly message: string }
}

export interface HostSight extends HostContact {
  /** The latest that anybody was told, however old. */
  readonly facts?: HostFacts
  /** Pinned in the configuration, or else what the known_hosts files say. */
  readonly keys: readonly HostKeyShown[]
  readonly arePinned: boolean
}

/** A host key by its fingerprint, which is public. */
export interface HostKeyShown {
  /** Absent where only a fingerprint is configured. */
  readonly type?: string
  /** `SHA256:…` */
  readonly fingerprint: string
  readonly is: 'trusted' | 'revoked' | 'authority'
}
