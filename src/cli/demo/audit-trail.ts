import { readFile } from 'node:fs/promises'

/** A line of the audit, as docs/AUDIT.md describes it, as far as the play looks at it. */
export interface AuditLine {
  readonly type: string
  readonly call?: string
  readonly host?: string
  readonly command?: string
  readonly reason?: string
  readonly principal?: { readonly email?: string; readonly issuer?: string; readonly subject?: string }
  readonly result?: { readonly status?: string; readonly exit_status?: number }
}

/** Every record written so far, oldest first. */
export async function readAudit(databaseUrl: string): Promise<AuditLine[]> {
  const { wholeAudit } = await import('../../app/whole-audit.ts')
  return (await wholeAudit(databaseUrl)).map((line) => JSON.parse(line) as AuditLine)
}

/** What became of the one call that ran `command`, in the order in which it was written. */
export function recordsOf(audit: readonly AuditLine[], command: string): AuditLine[] {
  const call = audit.find((line) => line.command === command)?.call
  return audit.filter(
    (line) => line.type.startsWith('call.') && line.call !== undefined && line.call === call,
  )
}

/** The human line of the log that ends with `text`, e.g. `2025-12-31 10:23:45 INFO User: … executed on web-server: uptime`. */
export async function findLogLine(path: string, text: string): Promise<string | undefined> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.find((line) => line.endsWith(text))
}
