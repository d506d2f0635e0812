import { expect, test } from 'vitest'
import { whyForeign } from './foreign-issuer.ts'
import type { Provider } from './settings.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const OTHER = '99999999-2222-3333-4444-555555555555'
const V1 = `https://sts.windows.net/${TENANT}/`
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
const OKTA = 'https://org.okta.com/oauth2/default'

test.each<[string, Provider, string, unknown, string]>([
  ['Entra, version 1 for 2', 'entra', V2, V1, 'entra_other_version'],
  ['Entra, version 2 for 1', 'entra', V1, V2, 'entra_other_version'],
  ['Entra, another tenant', 'entra', V2, V1.replace(TENANT, OTHER), 'wrong_issuer'],
  ['a host that calls itself by the tenant', 'entra', V2, `https://evil.test/${TENANT}/`, 'wrong_issuer'],
  ['Okta, the org server for a custom one', 'okta', OKTA, 'https://org.okta.com', 'okta_org_server'],
  ['Okta, another custom server', 'okta', OKTA, 'https://org.okta.com/oauth2/other', 'wrong_issuer'],
  ['Okta, another organisation', 'okta', OKTA, 'https://other.okta.com', 'wrong_issuer'],
  ['the same of a provider without such', 'generic', OKTA, 'https://org.okta.com', 'wrong_issuer'],
  ['no address', 'entra', V2, 'sts.windows.net', 'wrong_issuer'],
  ['a list', 'entra', V2, [V1], 'wrong_issuer'],
])('%s', (_, provider, issuer, named, reason) => {
  expect(whyForeign(named, [{ issuer, provider, audience: [], claims: {} }])).toBe(reason)
})
