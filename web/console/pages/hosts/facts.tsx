import { Plain } from '../../parts/plain.tsx'
import { Ago, duration } from '../../parts/time.tsx'

export interface HostFacts {
  readonly collected_at: string
  readonly os?: { readonly name: string; readonly version?: string }
  readonly kernel?: string
  readonly architecture?: string
  readonly virtualization?: string
  readonly cpu?: { readonly count: number; readonly model?: string }
  readonly memory?: { readonly total: number; readonly available: number }
  readonly disks?: readonly {
    readonly mount: string
    readonly total_bytes: number
    readonly available_bytes: number
  }[]
  readonly load?: readonly number[]
  readonly uptime_seconds?: number
  readonly failed_units?: readonly string[]
  readonly listening?: readonly {
    readonly protocol: string
    readonly port: number
    readonly process?: string
  }[]
  readonly updates?: { readonly manager: string; readonly count: number; readonly security?: number }
  readonly missing: readonly { readonly part: string; readonly reason: string }[]
}

/** What the host said of itself when somebody asked it last. */
export function Facts({ facts }: { facts: HostFacts }) {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['System', facts.os && nameOf(facts.os)],
    ['Kernel', facts.kernel],
    ['Architecture', facts.architecture],
    ['Virtualization', facts.virtualization],
    ['Processors', facts.cpu && `${facts.cpu.count}${facts.cpu.model ? ` × ${facts.cpu.model}` : ''}`],
    ['Memory', facts.memory && `${size(facts.memory.available)} of ${size(facts.memory.total)} available`],
    ['Load', facts.load?.map((one) => one.toFixed(2)).join(' · ')],
    ['Up for', facts.uptime_seconds === undefined ? undefined : duration(facts.uptime_seconds * 1_000)],
    [
      'Disks',
      facts.disks
        ?.map((disk) => `${disk.mount}: ${size(disk.available_bytes)} of ${size(disk.total_bytes)} free`)
        .join('\n'),
    ],
    ['Failed units', facts.failed_units && (facts.failed_units.join(', ') || 'none')],
    ['Ports', facts.listening && (portsOf(facts.listening) || 'none')],
    [
      'Updates',
      facts.updates &&
        `${facts.updates.count} (${facts.updates.manager})${facts.updates.security ? `, ${facts.updates.security} for security` : ''}`,
    ],
    ['Not known', facts.missing.map(({ part, reason }) => `${part}: ${reason}`).join('\n') || undefined],
  ]
  return (
    <>
      <p class="soft">
        As it said of itself <Ago at={facts.collected_at} />, to whoever asked.
      </p>
      <dl class="lines">
        {rows.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Plain text={value} />
              </dd>
            </div>
          ),
        )}
      </dl>
    </>
  )
}

function nameOf({ name, version = '' }: NonNullable<HostFacts['os']>): string {
  return name.includes(version) ? name : `${name} ${version}`
}

function portsOf(listening: NonNullable<HostFacts['listening']>): string {
  const texts = listening.map(
    ({ protocol, port, process }) => `${protocol} ${port}${process ? ` (${process})` : ''}`,
  )
  return [...new Set(texts)].join(', ')
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`
}
