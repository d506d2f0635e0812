/** `failure`: something will fail. `warning`: it works, but not for everybody or not for long. `note`: worth knowing. */
export type Level = 'ok' | 'note' | 'warning' | 'failure'

/** What a check says. Everything but `ok` names what to type or write. */
export type Said =
  | { readonly level: 'ok'; readonly what: string; readonly why?: string }
  | {
      readonly level: 'note' | 'warning' | 'failure'
      readonly what: string
      readonly why?: string
      readonly fix: string
    }

/** One line of the report; the shape of `--json`, whose members are only ever added to. */
export interface Finding {
  /** The check's id: a heading of docs/DOCTOR.md. */
  readonly check: string
  readonly level: Level
  /** What was looked at: an address, an issuer, a client, a host. */
  readonly subject: string
  /** One sentence. */
  readonly what: string
  /** How that was seen. */
  readonly why?: string
  /** Exactly what to type or write; absent when all is well. */
  readonly fix?: string
  /** Where to read more. */
  readonly page: string
  /** The check was not made, because an earlier one failed. */
  readonly skipped?: true
}

/** Of each document only the check's own heading is named, so that a reader lands where the check is explained. */
export function pageOf(check: string): string {
  return `docs/DOCTOR.md#${check}`
}

export function ok(what: string, why?: string): Said[] {
  return [{ level: 'ok', what, ...(why !== undefined && { why }) }]
}

export function note(what: string, fix: string, why?: string): Said[] {
  return [{ level: 'note', what, fix, ...(why !== undefined && { why }) }]
}

export function warning(what: string, fix: string, why?: string): Said[] {
  return [{ level: 'warning', what, fix, ...(why !== undefined && { why }) }]
}

export function failure(what: string, fix: string, why?: string): Said[] {
  return [{ level: 'failure', what, fix, ...(why !== undefined && { why }) }]
}
