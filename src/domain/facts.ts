import type { HostName } from './host.ts'

/** What a host says of itself, in one round trip. Every part may be missing: a tool that is not there leaves its part out. */
export interface HostFacts {
  readonly host: HostName
  readonly collectedAt: Date
  /** Answered from memory; `refresh` asks anew. */
  readonly fromCache: boolean
  readonly platform: 'posix' | 'windows' | 'network'
  readonly hostname?: string
  readonly os?: { readonly name: string; readonly id?: string; readonly version?: string }
  readonly kernel?: string
  readonly architecture?: string
  readonly virtualization?: string
  readonly cpu?: { readonly count: number; readonly model?: string }
  /** Bytes. */
  readonly memory?: {
    readonly total: number
    readonly available: number
    readonly swapTotal: number
    readonly swapFree: number
  }
  readonly disks?: readonly {
    readonly mount: string
    readonly device: string
    readonly totalBytes: number
    readonly usedBytes: number
    readonly availableBytes: number
  }[]
  /** Averages over 1, 5 and 15 minutes. */
  readonly load?: readonly [number, number, number]
  readonly uptimeSeconds?: number
  readonly failedUnits?: readonly string[]
  readonly listening?: readonly {
    readonly protocol: 'tcp' | 'udp'
    readonly address: string
    readonly port: number
    readonly process?: string
  }[]
  readonly updates?: { readonly manager: string; readonly count: number; readonly security?: number }
  /** Parts that are missing, with why. */
  readonly missing: readonly { readonly part: string; readonly reason: string }[]
}
