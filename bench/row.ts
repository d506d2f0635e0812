import type { Stage } from './stage.ts'

/** `ours`: this product. `yardstick`: what is the least it can cost. `tool`: what people use by hand. `peer`: the field. */
export type Kind = 'ours' | 'yardstick' | 'tool' | 'peer'
export type Unit = 'ms' | 's' | 'MiB' | 'KiB' | 'MiB/s' | '/s' | 'round trips' | 'tokens' | '×' | ''

/** One figure of each way, a column of the table. */
export interface Measure {
  readonly name: string
  readonly unit: Unit
  readonly better: 'less' | 'more'
}

/** One way to do the work, a line of the table: its figures in the order of the measures, none where it cannot do it. */
export interface Way {
  readonly way: string
  readonly kind: Kind
  readonly values: readonly (number | undefined)[]
}

export interface Table {
  readonly title: string
  readonly measures: readonly Measure[]
  readonly ways: readonly Way[]
  /** The way that the others are compared with. */
  readonly base?: string
}

/** What is to be reached: a figure of ours, at most or at least so much. */
export interface Target {
  readonly what: string
  readonly unit: Unit
  readonly most?: number
  readonly least?: number
}

export interface Finding<Key extends string = string> {
  readonly tables: readonly Table[]
  /** What was reached of each target; none where it could not be measured, which a note explains. */
  readonly reached: Readonly<Record<Key, number | undefined>>
  readonly notes?: readonly string[]
}

/** One row of the benchmark: one subject, all contenders, measured in turns. */
export interface Row<Key extends string = string> {
  /** For `--only`. */
  readonly name: string
  readonly title: string
  /** What is done and what is counted. */
  readonly about: string
  /** Takes minutes and gigabytes: only when it is asked for. */
  readonly isHeavy?: boolean
  readonly targets: Readonly<Record<Key, Target>>
  measure(stage: Stage): Promise<Finding<Key>>
}

/** Sees to it that each target has its figure. */
export function defineRow<const Key extends string>(row: Row<Key>): Row {
  return row
}
