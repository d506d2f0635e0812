import { expect, test } from 'vitest'
import { SILENT } from '../../test/kit/fake-issuer.ts'
import { addressOf, metadataAddresses } from './discovery.ts'

const ISSUER = 'https://issuer.example.com/realm'
const AT = new URL('https://issuer.example.com/realm/.well-known/openid-configuration')

function keysOf(jwks_uri: string, address = AT): string {
  return addressOf({ issuer: ISSUER, jwks_uri }, 'jwks_uri', ISSUER, address, SILENT).href
}

test.each([
  ['http://issuer.example.com/jwks'],
  ['http://169.254.169.254/latest'],
  ['file:///etc/passwd'],
  ['data:application/json,{"keys":[]}'],
])('an issuer reached over TLS cannot send the bridge for keys to %s', (uri) => {
  expect(() => keysOf(uri)).toThrow('not https')
})

test('keys may lie on another host of the provider, and without TLS only where the issuer has none', () => {
  expect(keysOf('https://keys.example.net/jwks')).toBe('https://keys.example.net/jwks')
  expect(keysOf('http://127.0.0.1:9/jwks', new URL('http://127.0.0.1:9/.well-known/x'))).toBe(
    'http://127.0.0.1:9/jwks',
  )
})

test.each([
  [
    'https://tenant.auth0.example.com/',
    ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'],
  ],
  [
    'https://login.example.com/tenant/v2.0',
    ['/tenant/v2.0/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/tenant/v2.0'],
  ],
])('the metadata of %s is looked for where the two specifications put it', (issuer, paths) => {
  expect(metadataAddresses(issuer).map((address) => address.pathname)).toEqual(paths)
})
