import { beforeAll, expect, test } from 'vitest'
import { authorizePath, ISSUER, openAuthServer, REDIRECT, VERIFIER } from '../../test/kit/auth-server.ts'
import { SILENT } from '../../test/kit/fake-issuer.ts'
import { systemClock } from '../lib/clock.ts'
import { createAuthenticator } from './authenticator.ts'
import { ownResources } from './metadata.ts'

let opened: Awaited<ReturnType<typeof openAuthServer>>
let token: string

beforeAll(async () => {
  opened = await openAuthServer()
  const client_id = await opened.register()
  const answer = await opened.browser().authorize(authorizePath(client_id), 'alice')
  const form = {
    grant_type: 'authorization_code',
    client_id,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
  }
  const { body } = await opened.token({ ...form, code: answer.searchParams.get('code') ?? '' })
  token = body.access_token ?? ''
})

function door(isKnown: (subject: string) => Promise<boolean>, keys = () => opened.server.publicKeys()) {
  const oauth = {
    issuers: [{ issuer: ISSUER, audience: [], provider: 'generic', claims: {} }],
    scopesSupported: ['mcp:execute'],
  } as const
  const authenticator = createAuthenticator({ oauth, apiKeys: [] }, ownResources(ISSUER), {
    clock: systemClock,
    log: SILENT,
    fetch: () => Promise.reject(new Error('nothing is asked over HTTP')),
    own: { issuer: ISSUER, keys, isKnown },
  })
  return (text = token) => authenticator.authenticate({ authorization: [`Bearer ${text}`] })
}

test('tokens of the bridge itself are taken without asking anybody over HTTP', async () => {
  expect(await door(async () => true)()).toMatchObject({
    kind: 'accepted',
    principal: { issuer: ISSUER, subject: 'alice', groups: ['operators'], scopes: new Set(['mcp:execute']) },
  })
})

test('who may not sign in any more is refused with a token that is good otherwise', async () => {
  expect(await door(async (subject) => subject !== 'alice')()).toMatchObject({
    kind: 'refused',
    reason: 'person_removed',
  })
})

test('while nobody can be looked up nobody is let in, and told to try again', async () => {
  expect(await door(() => Promise.reject(new Error('the database is away')))()).toMatchObject({
    kind: 'refused',
    code: 'auth_unavailable',
    reason: 'people_unavailable',
    retryAfterMs: 1_000,
  })
})

test('a token with another signature, or of a key that is gone, is refused before anybody is looked up', async () => {
  const isKnown = () => Promise.reject(new Error('nobody is looked up'))
  const [header, payload, signature = ''] = token.split('.')
  const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  expect(await door(isKnown)(`${header}.${payload}.${other}`)).toMatchObject({ reason: 'bad_signature' })
  expect(await door(isKnown, () => [])()).toMatchObject({ reason: 'unknown_key' })
})
