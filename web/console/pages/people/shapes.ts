/** As the views `people` and `accounts` give them. */
export interface Lock {
  readonly id: string
  readonly on:
    | { readonly kind: 'person'; readonly email: string }
    | { readonly kind: 'person'; readonly issuer: string; readonly subject: string }
    | { readonly kind: 'client'; readonly client: string }
    | { readonly kind: 'api_key'; readonly name: string }
    | { readonly kind: 'host'; readonly host: string }
    | { readonly kind: 'all' }
  readonly reason: string
  readonly by: string
  readonly at: string
  readonly expires_at?: string
}

interface Counted {
  readonly calls: number
  readonly refused: number
}

export interface Person {
  readonly issuer: string
  readonly subject: string
  readonly method: string
  readonly name?: string
  readonly email?: string
  readonly first_at: string
  readonly last_at: string
  readonly clients: readonly { readonly id: string; readonly name?: string; readonly last_at: string }[]
  readonly doors: readonly { readonly door: string; readonly last_at: string }[]
  readonly day: Counted
  readonly week: Counted
  readonly locks: readonly Lock[]
}

export interface People {
  readonly total: number
  readonly people: readonly Person[]
  readonly everybody: readonly Lock[]
}

export interface ApiKey {
  readonly name: string
  readonly scopes: readonly string[] | 'all'
  readonly roles: readonly string[]
  readonly expires_at?: string
  readonly last_at?: string
  readonly locks: readonly Lock[]
}

export interface User {
  readonly id: string
  readonly username: string
  readonly name?: string
  readonly email?: string
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly is_disabled: boolean
  readonly has_password: boolean
  readonly has_code: boolean
  readonly added_at: string
  readonly signed_in_at?: string
  readonly last_at?: string
}

export interface Client {
  readonly id: string
  readonly name?: string
  readonly redirects: readonly string[]
  readonly registered_at: string
  readonly used_at?: string
  readonly locks: readonly Lock[]
}

export interface Family {
  readonly subject: string
  readonly client: string
  readonly ends_at?: string
}

export interface OwnLogin {
  readonly issuer: string
  readonly users?: readonly User[]
  readonly clients: readonly Client[]
  readonly families?: readonly Family[]
}

export interface Accounts {
  readonly keys: readonly ApiKey[]
  readonly login?: OwnLogin
}
