import type { Principal } from './principal.ts'

/** Where something came from and at which client; on each event of the built-in login. */
interface LoginFacts {
  readonly at: Date
  /** The client's id; absent where none is known yet. */
  readonly client?: string
  readonly remoteAddress?: string
}

interface TokenFacts extends LoginFacts {
  readonly subject: string
  readonly resource: string
  readonly scopes: readonly string[]
}

/** What is remembered of signing in: at the built-in login, and on the console. No code and no token is in any of it, nor what could stand for one. */
export type LoginEvent =
  /** Too much came from one address; the first refusal of each pause. */
  | ({
      readonly type: 'login.throttled'
      readonly what: 'authorization' | 'client_document' | 'registration'
    } & LoginFacts)
  /** `scopes` are what the client may use from now on, or what was asked for and not given. */
  | ({ readonly type: 'consent.given' | 'consent.denied' } & TokenFacts)
  | ({
      readonly type: 'client.registered'
      readonly client: string
      /** Anybody may have chosen it. */
      readonly name?: string
      readonly redirects: readonly string[]
    } & LoginFacts)
  | ({ readonly type: 'client.forgotten'; readonly client: string; readonly by: string } & LoginFacts)
  /** By a code, or by a refresh token. */
  | ({ readonly type: 'token.issued' | 'token.refreshed' } & TokenFacts)
  /** A code or a refresh token came a second time: all that was given under the same consent has ended. */
  | ({
      readonly type: 'token.reused'
      readonly what: 'code' | 'refresh_token'
      readonly subject?: string
    } & LoginFacts)
  /** By the client: a refresh token, and all that was given under the same consent. */
  | ({ readonly type: 'token.revoked'; readonly subject?: string } & LoginFacts)
  /** Somebody uses the console from a browser, by a token or a key. */
  | {
      readonly type: 'console.signed_in'
      readonly at: Date
      readonly principal: Principal
      readonly remoteAddress?: string
    }
  /** `keys` begin to sign at `from`. */
  | {
      readonly type: 'key.rotated'
      readonly at: Date
      readonly keys: readonly string[]
      readonly from: Date
      readonly by: string
    }
