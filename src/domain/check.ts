import type { Decision } from './decision.ts'
import type { HostName } from './host.ts'

/** What would be said to a command, without running it. */
export interface CheckCommandAction {
  readonly kind: 'check_command'
  readonly host: HostName
  readonly command: string
  readonly session?: string
  readonly workingDirectory?: string
  readonly sudo?: boolean
}

/** What would be said to a call, and what could be asked instead. */
export interface Check {
  readonly decision: Decision
  /** The smallest first. Each was decided as it is told. */
  readonly changes: readonly SuggestedChange[]
}

/** Something else that would be allowed, or that people could allow. Nothing here is a guess: every one was put to the rules. */
export type SuggestedChange = { readonly verdict: 'allow' | 'approve' } & (
  | { readonly kind: 'command'; readonly command: string; readonly sudo: boolean }
  /** `command`: run first, its output is what is written. */
  | {
      readonly kind: 'tool'
      readonly tool: 'read_file' | 'list_directory' | 'write_file' | 'edit_file'
      readonly path: string
      readonly command?: string
    }
  /** These words are the host's shell's to make something of; plain text in their place is understood. */
  | { readonly kind: 'literal'; readonly words: readonly string[] }
  | { readonly kind: 'scope'; readonly scopes: readonly string[] }
  | { readonly kind: 'time'; readonly from: Date }
  | { readonly kind: 'host'; readonly hosts: readonly HostName[] }
)
