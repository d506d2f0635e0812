import type { Config } from '../config/config.ts'
import { createRedactor, type Redaction } from '../pipeline/redaction/create-redactor.ts'
import { customSecrets } from '../pipeline/redaction/custom.ts'
import { recognize } from '../pipeline/redaction/recognize.ts'
import type { Redactor } from '../pipeline/redaction/redactor.ts'

/**
 * What is taken out of answers under this configuration. Credentials of earlier ones too: a call may still print what was replaced while it
 * ran. Made anew for each configuration, and kept as long as there is no other.
 */
export function redactionOf(
  { secrets, redaction }: Pick<Config, 'secrets' | 'redaction'>,
  earlier?: Redaction,
): Redaction {
  const { recognise, extra } = redaction
  return {
    secrets: [...new Set([...(earlier?.secrets ?? []), ...secrets])],
    // What is recognised may lie in what a pattern finds, and the other way round: both are looked for.
    recognizers: [recognize(recognise), customSecrets(extra)],
  }
}

/** For what is written beside a running bridge. */
export function redactorOf(config: Pick<Config, 'secrets' | 'redaction'>): Redactor {
  const redaction = redactionOf(config)
  return createRedactor(() => redaction)
}
