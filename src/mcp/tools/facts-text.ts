import type { HostFacts } from '../../domain/facts.ts'
import type { Mark } from './define-tool.ts'

/** Longer lists end with how many more there are; the structured result has them all. */
const MOST_LISTED = 20

/** The facts of a host as a model reads them: a line for each part, fenced because the host chose the names in them. */
export function factsText(facts: HostFacts, mark: Mark): string {
  const { host, fromCache, collectedAt, missing } = facts
  const lines = [
    system(facts),
    processor(facts),
    memory(facts.memory),
    ...disks(facts.disks),
    activity(facts),
    list('failed units', facts.failedUnits),
    list('listening', facts.listening?.map(socket)),
    updates(facts.updates),
    missing.length === 0
      ? ''
      : `missing: ${missing.map(({ part, reason }) => `${part} (${reason})`).join('; ')}`,
  ]
  return [
    `${host}, ${fromCache ? 'as of' : 'at'} ${collectedAt.toISOString()}`,
    `--- facts ${mark}`,
    ...lines.filter((line) => line !== ''),
    `--- end ${mark}`,
  ].join('\n')
}

function system({ hostname, os, kernel, architecture, virtualization }: HostFacts): string {
  const about = [
    os?.name,
    kernel && `kernel ${kernel}`,
    architecture,
    virtualization && `on ${virtualization}`,
  ]
  return line('system', [hostname && `${hostname}:`, ...about])
}

function processor({ cpu }: HostFacts): string {
  return cpu === undefined ? '' : line('cpu', [`${cpu.count}`, cpu.model && `× ${cpu.model}`])
}

function memory(found: HostFacts['memory']): string {
  if (found === undefined) return ''
  const { total, available, swapTotal, swapFree } = found
  const swap = swapTotal === 0 ? 'no swap' : `swap ${size(swapTotal - swapFree)} of ${size(swapTotal)} used`
  return `memory: ${size(available)} of ${size(total)} available, ${swap}`
}

function disks(found: HostFacts['disks']): string[] {
  const shown = (found ?? [])
    .slice(0, MOST_LISTED)
    .map(({ mount, device, totalBytes, usedBytes, availableBytes }) => {
      const used =
        usedBytes + availableBytes === 0 ? 0 : Math.ceil((usedBytes * 100) / (usedBytes + availableBytes))
      return `disk ${mount}: ${used} % of ${size(totalBytes)} used, ${size(availableBytes)} free (${device})`
    })
  const more = (found?.length ?? 0) - shown.length
  return more > 0 ? [...shown, `and ${more} more disks`] : shown
}

function activity({ load, uptimeSeconds }: HostFacts): string {
  return line('load', [
    load?.join(' '),
    uptimeSeconds === undefined ? undefined : `up ${duration(uptimeSeconds)}`,
  ])
}

function socket({ protocol, address, port, process }: NonNullable<HostFacts['listening']>[number]): string {
  const at = address.includes(':') ? `[${address}]` : address
  return `${protocol} ${at}:${port}${process === undefined ? '' : ` ${process}`}`
}

function updates(found: HostFacts['updates']): string {
  if (found === undefined) return ''
  const security = found.security === undefined ? '' : `, ${found.security} of them for security`
  return `updates: ${found.count} (${found.manager}${security})`
}

function list(name: string, items: readonly string[] | undefined): string {
  if (items === undefined) return ''
  if (items.length === 0) return `${name}: none`
  const more = items.length - MOST_LISTED
  return `${name}: ${items.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function line(name: string, parts: readonly (string | undefined)[]): string {
  const known = parts.filter((part) => part !== undefined && part !== '')
  return known.length === 0 ? '' : `${name}: ${known.join(name === 'load' ? ', ' : ' ')}`
}

function duration(seconds: number): string {
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3_600) % 24, (seconds / 60) % 60].map(
    Math.floor,
  )
  return days === 0 ? `${hours} h ${minutes} min` : `${days} d ${hours} h`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}
