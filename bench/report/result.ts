import type { Finding, Row, Target } from '../row.ts'

/** One target and what was reached of it. */
export interface Check extends Target {
  readonly value: number | undefined
  /** Unknown where it could not be measured. */
  readonly isMet: boolean | undefined
}

/** What became of one row. */
export interface RowResult {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly tables: Finding['tables']
  readonly checks: readonly Check[]
  readonly notes: readonly string[]
  /** Why it has no figures. */
  readonly failed?: string
  readonly tookMs: number
}

export interface Machine {
  readonly node: string
  readonly openssh: string
  readonly processors: string
  readonly memoryMiB: number
  readonly loadAverage: readonly number[]
}

export interface Report {
  readonly version: string
  readonly takenAt: string
  readonly rounds: number
  readonly machine: Machine
  readonly rows: readonly RowResult[]
}

export function checksOf(row: Row, reached: Finding['reached']): Check[] {
  return Object.entries(row.targets).map(([key, target]) => {
    const value = reached[key]
    return { ...target, value, isMet: value === undefined ? undefined : keeps(target, value) }
  })
}

function keeps({ most, least }: Target, value: number): boolean {
  return (most === undefined || value <= most) && (least === undefined || value >= least)
}
