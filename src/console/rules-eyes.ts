import type { Principal } from '../domain/principal.ts'
import type { Checked } from '../pipeline/explain/explain-call.ts'

/** Of whom it is asked what they may do: a person, a role, or a name with groups and scopes. */
export interface AskedWho {
  readonly person?: string
  readonly role?: string
  readonly groups: readonly string[]
  readonly scopes?: readonly string[]
}

/** What they would do. */
export interface AskedWhat extends AskedWho {
  readonly host: string
  readonly action?: string
  readonly command?: string
  readonly path?: string
  readonly sudo?: boolean
  readonly at: Date
  readonly from?: string
  readonly tainted?: boolean
}

/** The rules as they are in force, asked on behalf of others. Decides nothing that happens. */
export interface RulesEyes {
  /** @throws BridgeError `bad_request` when nobody of that name can be thought of. */
  whoAsks(who: AskedWho): Principal
  /** @throws BridgeError `bad_request` when something that is named is not there. */
  ask(what: AskedWhat, forWriters: boolean): Checked
  /** The roles and rules as they are written in the file of the configuration; empty where there are none. */
  text(): Promise<string>
}
