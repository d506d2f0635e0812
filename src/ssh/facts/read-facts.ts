import type { HostFacts } from '../../domain/facts.ts'
import { disksOf } from './disks.ts'
import { distinct, fromProc, fromSs, type Listening } from './listening.ts'
import { clean, count, decimal, type Parts } from './parts.ts'
import { updatesOf } from './updates.ts'
import { virtualizationOf } from './virtualization.ts'

/** What a host says of itself, without what only the bridge knows. */
export type ReadFacts = Omit<HostFacts, 'host' | 'collectedAt' | 'fromCache' | 'platform'>

type Lines = readonly string[]
const NONE: Lines = []

/** Reads the parts strictly: what is not of the form that its tool prints is left out, never guessed. */
export function readFacts(parts: Parts): ReadFacts {
  const of = (part: string): Lines => parts.lines.get(part) ?? NONE
  const [hostname, , release, machine] = of('name')
  const found = {
    hostname: text(hostname),
    os: osOf(of('os')) ?? systemOf(of('name')),
    kernel: text(release),
    architecture: text(machine),
    virtualization: virtualizationOf(of('virtualization')),
    cpu: cpuOf(of('cpu')),
    memory: memoryOf(of('memory')),
    disks: parts.lines.has('disks') ? disksOf(of('disks'), of('mounts')) : undefined,
    load: loadOf(of('load')),
    uptimeSeconds: uptimeOf(of('uptime')),
    failedUnits: unitsOf(parts.lines.get('failed_units')),
    listening: listeningOf(parts, machine ?? ''),
    updates: updatesOf(parts.lines),
  }
  const facts = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
  return { ...(facts as Omit<ReadFacts, 'missing'>), missing: missingOf(found, parts) }
}

/** The script's names of parts, where they differ from the fact's. */
const PARTS: Readonly<Record<string, string>> = { uptimeSeconds: 'uptime', failedUnits: 'failed_units' }

function missingOf(
  found: Readonly<Record<string, unknown>>,
  { lacking, isWhole }: Parts,
): HostFacts['missing'] {
  return Object.entries(found)
    .map(([fact, value]) => ({ part: PARTS[fact] ?? fact, value }))
    .filter(({ part, value }) => value === undefined || lacking.has(part))
    .map(({ part }) => ({
      part,
      reason:
        lacking.get(part) ??
        (isWhole ? 'the host does not tell it in a known form' : 'the host did not answer in time'),
    }))
}

function text(line: string | undefined): string | undefined {
  const shown = clean(line ?? '')
  return shown === '' ? undefined : shown
}

/** os-release(5): shell assignments, quoted or not. */
function osOf(lines: Lines): HostFacts['os'] {
  const values = new Map(
    lines.map((line) => {
      const [, key = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? []
      return [key, value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["$`\\])/g, '$1')]
    }),
  )
  const [name, id, version] = ['NAME', 'ID', 'VERSION_ID'].map((key) => text(values.get(key)))
  const shown = text(values.get('PRETTY_NAME')) ?? name
  if (shown === undefined) return undefined
  return { name: shown, ...(id !== undefined && { id }), ...(version !== undefined && { version }) }
}

function systemOf([, system]: Lines): HostFacts['os'] {
  const name = text(system)
  return name === undefined ? undefined : { name }
}

function cpuOf([first, second]: Lines): HostFacts['cpu'] {
  const cores = count(first)
  if (cores === undefined || cores < 1) return undefined
  const model = text(/^[^:]+:(.*)$/.exec(second ?? '')?.[1])
  return { count: cores, ...(model !== undefined && { model }) }
}

function memoryOf(lines: Lines): HostFacts['memory'] {
  const bytes = new Map(
    lines.map((line) => {
      const [, key = '', kib] = /^(\w+):\s+(\d+) kB$/.exec(line.trim()) ?? []
      return [key, (count(kib) ?? 0) * 1024]
    }),
  )
  const of = (key: string) => bytes.get(key) ?? 0
  if (of('MemTotal') === 0) return undefined
  // Kernels before 3.14 do not estimate it.
  const available = bytes.get('MemAvailable') ?? of('MemFree') + of('Buffers') + of('Cached')
  return { total: of('MemTotal'), available, swapTotal: of('SwapTotal'), swapFree: of('SwapFree') }
}

/** `0.10 0.20 0.30 1/234 5678` on Linux, `{ 0.10 0.20 0.30 }` on BSD. */
function loadOf([line = '']: Lines): HostFacts['load'] {
  const [one, five, fifteen] = line.replace(/[{}]/g, ' ').trim().split(/\s+/).map(decimal)
  return one === undefined || five === undefined || fifteen === undefined ? undefined : [one, five, fifteen]
}

/** `12345.67 …` on Linux; on BSD when it was booted, and on the next line what time it is. */
function uptimeOf([first = '', second]: Lines): number | undefined {
  const seconds = decimal(first.split(' ')[0])
  if (seconds !== undefined) return Math.floor(seconds)
  const [booted, now] = [count(/\bsec = (\d+)/.exec(first)?.[1]), count(second)]
  return booted === undefined || now === undefined || now < booted ? undefined : now - booted
}

/** None is an answer, but only when the tool came to its end. */
function unitsOf(lines: Lines | undefined): HostFacts['failedUnits'] {
  if (lines?.at(-1) !== 'whole') return undefined
  return lines
    .slice(0, -1)
    .flatMap((line) => /^[●*x\s]*(\S+\.\w+)\s/.exec(line)?.[1] ?? [])
    .map(clean)
}

const BIG_ENDIAN = /^(?:s390x?|ppc(?:64)?|mips(?:64)?|sparc\w*)$/

function listeningOf({ lines }: Parts, machine: string): readonly Listening[] | undefined {
  const isLittleEndian = !BIG_ENDIAN.test(machine)
  const bySs = lines.get('listening')?.map(fromSs)
  const tables = (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) => {
    const protocol = table.startsWith('tcp') ? 'tcp' : 'udp'
    return lines.get(`listening_${table}`)?.map((line) => fromProc(line, protocol, isLittleEndian)) ?? []
  })
  if (bySs === undefined && !lines.has('listening_tcp')) return undefined
  return distinct((bySs ?? tables).flatMap((socket) => socket ?? []))
}
