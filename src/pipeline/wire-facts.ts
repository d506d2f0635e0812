import type { HostFacts } from '../domain/facts.ts'

/** Members are absent where `missing` says why. Sizes are bytes. */
export type WireFacts = {
  readonly host: string
  readonly collected_at: string
  readonly from_cache: boolean
  readonly platform: HostFacts['platform']
  readonly hostname?: string
  readonly os?: { readonly name: string; readonly id?: string; readonly version?: string }
  readonly kernel?: string
  readonly architecture?: string
  readonly virtualization?: string
  readonly cpu?: { readonly count: number; readonly model?: string }
  readonly memory?: {
    readonly total: number
    readonly available: number
    readonly swap_total: number
    readonly swap_free: number
  }
  readonly disks?: readonly {
    readonly mount: string
    readonly device: string
    readonly total_bytes: number
    readonly used_bytes: number
    readonly available_bytes: number
  }[]
  readonly load?: readonly number[]
  readonly uptime_seconds?: number
  readonly failed_units?: readonly string[]
  readonly listening?: readonly {
    readonly protocol: 'tcp' | 'udp'
    readonly address: string
    readonly port: number
    readonly process?: string
  }[]
  readonly updates?: { readonly manager: string; readonly count: number; readonly security?: number }
  readonly missing: readonly { readonly part: string; readonly reason: string }[]
}

export function wireFacts(facts: HostFacts): WireFacts {
  const {
    host,
    collectedAt,
    fromCache,
    platform,
    memory,
    disks,
    uptimeSeconds,
    failedUnits,
    missing,
    ...same
  } = facts
  return {
    host,
    collected_at: collectedAt.toISOString(),
    from_cache: fromCache,
    platform,
    ...same,
    ...(memory && {
      memory: {
        total: memory.total,
        available: memory.available,
        swap_total: memory.swapTotal,
        swap_free: memory.swapFree,
      },
    }),
    ...(disks && {
      disks: disks.map(({ mount, device, totalBytes, usedBytes, availableBytes }) => ({
        mount,
        device,
        total_bytes: totalBytes,
        used_bytes: usedBytes,
        available_bytes: availableBytes,
      })),
    }),
    ...(uptimeSeconds !== undefined && { uptime_seconds: uptimeSeconds }),
    ...(failedUnits && { failed_units: failedUnits }),
    missing,
  }
}
