import type { Log, LogFields } from '../../src/domain/log.ts'

/** A log that remembers its lines, for tests that say what an operator is told. */
export interface RememberedLog extends Log {
  readonly lines: readonly string[]
}

export function rememberedLog(): RememberedLog {
  const lines: string[] = []
  const line = (message: string, fields?: LogFields) => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  }
  return { lines, debug: line, info: line, warn: line, error: line }
}
