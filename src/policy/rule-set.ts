import type { ActionClass, ApprovalTerms, Decision } from '../domain/decision.ts'
import type { CommandPattern } from './command-pattern.ts'
import type { Grammars } from './grammar.ts'
import type { Selector } from './hosts/selector.ts'
import type { Networks } from './rules/networks.ts'
import type { PathPattern } from './rules/path-pattern.ts'
import type { WeeklyWindow } from './rules/weekly-window.ts'

/** The rules of the configuration, checked: every name is known, every pattern compiled. First match wins; what none matches is denied. */
export interface RuleSet {
  /** Changes with every change of what is decided: the beginning of a digest of roles, rules, people, programs and approvals. */
  readonly version: string
  readonly roles: readonly Role[]
  readonly rules: readonly Rule[]
  readonly people: readonly Person[]
  /** What programs' words mean: the built-in ones, and those of the configuration. */
  readonly grammars: Grammars
}

/** Who somebody is: one match is enough, and each match must hold whole. */
export interface Role {
  readonly name: string
  readonly matches: readonly RoleMatch[]
}

/** Every key that is there must hold; of a list one is enough. Compared exactly, e-mail in any case. */
export interface RoleMatch {
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  /** An address, or `*@example.com` for all of one domain. Trusted as far as the issuer is that names them. */
  readonly emails?: readonly string[]
  readonly subjects?: readonly string[]
  readonly issuers?: readonly string[]
  readonly clients?: readonly string[]
  readonly scopes?: readonly string[]
  readonly apiKeys?: readonly string[]
  /** `stdio`, `none`, …: the way in. */
  readonly methods?: readonly string[]
}

/** One human with several ways in, so that nobody is taken for two. */
export interface Person {
  readonly name: string
  readonly emails: readonly string[]
  /** `issuer` and `subject`, exactly. API keys: issuer `api-key`; the operating-system user: issuer `os`. */
  readonly principals: readonly { readonly issuer: string; readonly subject: string }[]
}

/** A sentence: for whom, where, what, when and from where, and what follows. What is absent limits nothing. */
export interface Rule {
  readonly name: string
  /** Where it is written, as file:line:column: for those who write rules, never for callers. */
  readonly place: string
  readonly roles?: readonly string[]
  readonly hosts?: readonly Selector[]
  readonly actions?: ReadonlySet<ActionClass>
  /** It is about commands alone then, each program of them by itself. */
  readonly commands?: readonly CommandPattern[]
  /** It is about files then, and about what commands read that are known to only read. */
  readonly paths?: readonly PathPattern[]
  readonly when?: readonly WeeklyWindow[]
  readonly from?: Networks
  readonly effect: Decision['verdict']
  /** Decides nothing; it is on record what it would have said. */
  readonly onlyObserves: boolean
  /** Who is asked: by an `approve` rule, or where another is raised to one. Absent where nobody is named. */
  readonly terms?: ApprovalTerms
  /** What `allow` becomes for write, run and sudo when the caller has read what others may have written. */
  readonly whenTainted?: 'approve' | 'deny'
  /** Holds only for tokens with this scope; others are told to ask for it. */
  readonly stepUp?: string
  /** Places that give power over the host may be written without asking. */
  readonly allowsSensitive: boolean
  /** Withheld values may be used by their handles. */
  readonly allowsSecrets: boolean
  /** For whoever is denied by it. */
  readonly reason?: string
}
