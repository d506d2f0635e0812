import { printableJson } from '../lib/printable.ts'
import { VERSION } from '../lib/version.ts'
import type { Finding, Level } from './finding.ts'

/** What `--json` prints; described in docs/DOCTOR.md. Members are only ever added, and `format` counts up if one has to change. */
export interface DoctorReport {
  readonly format: 1
  readonly version: string
  readonly checked_at: string
  /** Null where the bridge speaks over stdio alone. */
  readonly address: string | null
  readonly result: 'ok' | 'failed'
  readonly counts: Readonly<Record<Level, number>>
  readonly findings: readonly Finding[]
}

export function reportOf(
  findings: readonly Finding[],
  address: string | undefined,
  checkedAt: Date,
): DoctorReport {
  const count = (level: Level) => findings.filter((one) => one.level === level).length
  const counts = {
    ok: count('ok'),
    note: count('note'),
    warning: count('warning'),
    failure: count('failure'),
  }
  return {
    format: 1,
    version: VERSION,
    checked_at: checkedAt.toISOString(),
    address: address ?? null,
    result: counts.failure > 0 ? 'failed' : 'ok',
    counts,
    findings,
  }
}

export function reportJson(report: DoctorReport): string {
  return printableJson(report)
}
