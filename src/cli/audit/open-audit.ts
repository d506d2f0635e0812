import { readFileSync } from 'node:fs'
import type { AuditInStore } from '../../app/audit-in-store.ts'
import { parsePublicKeys } from '../../evidence/keys.ts'
import { UsageError } from '../command.ts'
import { type ConfigOption, configOf } from '../with-config.ts'

/** The audit of the configuration; it has to be closed. @throws UsageError where there is none. */
export async function openAudit(options: ConfigOption): Promise<AuditInStore> {
  const config = await configOf(options)
  const [{ AuditInStore: Audit }, { databasePlace }] = await Promise.all([
    import('../../app/audit-in-store.ts'),
    import('../../app/database-place.ts'),
  ])
  const place = databasePlace(config)
  if (place.isNew)
    throw new UsageError(
      `there is no database at ${place.text}: no bridge has run with this configuration. Another one: --config PATH`,
    )
  return Audit.open(config).catch((cause: Error) => {
    throw new UsageError(`the database at ${place.text} cannot be opened: ${cause.message}`)
  })
}

/** @throws UsageError for a file that cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${(cause as Error).message}`)
  }
}

/** The public keys in files. @throws UsageError for a file without any. */
export function keysIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const keys = parsePublicKeys(textOf(path))
    if (keys.length > 0) return keys
    throw new UsageError(
      `${path} holds no public key: it has to be Ed25519 as PEM, as \`audit public-key\` prints it`,
    )
  })
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
