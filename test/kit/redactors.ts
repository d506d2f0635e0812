import { createRedactor } from '../../src/pipeline/redaction/create-redactor.ts'

/** A redactor of these secrets alone. */
export function redactorOf(...secrets: readonly string[]) {
  const redaction = { secrets, recognizers: [] }
  return createRedactor(() => redaction)
}
