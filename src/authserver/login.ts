/** Somebody who signed in, as tokens speak of them. Asked for again whenever a token is given: what changed meanwhile counts. */
export interface Account {
  /** The token's `sub`: stable, never given to somebody else. */
  readonly id: string
  /** Shown on the consent page; also `preferred_username`. */
  readonly username: string
  readonly name?: string
  /** Verified, or absent. */
  readonly email?: string
  readonly groups: readonly string[]
  /** The most that this person may give to a client. */
  readonly scopes: readonly string[]
  /** Browser sessions and tokens that began with a sign-in before this do not count any more: the password was set anew. */
  readonly notBefore?: Date
}

/** Who may sign in, and how they prove who they are: users of the bridge, or people of an upstream provider. */
export interface Login {
  /** Undefined when there is nobody of this id, or not any more (disabled, removed): their tokens end with it. */
  find(id: string): Promise<Account | undefined>
  /** The step of an authorization request in which somebody signs in. Never says whether a name is known. */
  signIn(asked: LoginRequest): Promise<LoginAnswer>
  /** Pages beside the authorization request, below `/oauth/`: where the upstream provider answers, a set-up link. Undefined: no such page. */
  page(asked: PageRequest): Promise<PageAnswer | undefined>
}

export interface PageRequest {
  readonly method: 'GET' | 'POST'
  /** As it came, path and query. */
  readonly url: URL
  /** Empty for GET. */
  readonly form: URLSearchParams
  /** Where the request came from, for throttling. */
  readonly remoteAddress?: string
}

export interface LoginRequest extends PageRequest {
  /** Names the authorization request; the browser proved by its cookie that it began it. */
  readonly interaction: string
  /** What the client calls itself; text that anybody may have chosen. */
  readonly clientName: string
}

export type PageAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly html: string; readonly retryAfterS?: number }
  | { readonly kind: 'redirect'; readonly location: string }

/** `signed_in`: the authorization request goes on for this account. */
export type LoginAnswer = PageAnswer | { readonly kind: 'signed_in'; readonly account: Account }
