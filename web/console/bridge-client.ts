import { BRIDGE } from './place.ts'

/** What the bridge says when it does not do what was asked. */
export class Refused extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** The bridge's own state: `/console/api/views/NAME`. */
export function view<T>(name: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return ask<T>(`/api/views/${name}`, query, signal)
}

/** REST, as whoever is signed in: `/api/v1/…`, which is a call like any other. `path` begins with a slash. */
export function read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return ask<T>(`/api/v1${path}`, query, signal)
}

/** What changes something, or reads by a body. */
export async function send<T>(path: string, body: object): Promise<T> {
  return answerOf<T>(
    await fetch(`${BRIDGE}/console/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
      body: JSON.stringify(body),
    }),
  )
}

async function ask<T>(path: string, query: Query, signal: AbortSignal | undefined): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return answerOf<T>(
    await fetch(`${BRIDGE}/console${path}${given.length > 0 ? `?${search}` : ''}`, signal ? { signal } : {}),
  )
}

async function answerOf<T>(response: Response): Promise<T> {
  const body = (await response.json().catch(() => undefined)) as
    | (T & { error?: { code: string; message: string } })
    | undefined
  if (response.ok && body !== undefined) return body
  const {
    code = 'unreadable',
    message = `The bridge answered ${response.status} and nothing that can be read.`,
  } = body?.error ?? {}
  throw new Refused(response.status, code, message)
}

export interface WaysIn {
  readonly provider: boolean
  readonly key: boolean
  readonly open: boolean
  readonly signed_in: boolean
}

export function waysIn(): Promise<WaysIn> {
  return ask<WaysIn>('/ways-in', {}, undefined)
}

export async function signInWithKey(key: string): Promise<void> {
  const response = await fetch(`${BRIDGE}/console/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
    body: JSON.stringify({ key }),
  })
  if (!response.ok) await answerOf(response)
}

export async function signOut(): Promise<void> {
  await fetch(`${BRIDGE}/console/sign-out`, { method: 'POST', headers: { 'X-Console': '1' } })
}
