import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { TrustedProxies } from './peer.ts'

function from(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage
}

const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8::/32', '127.0.0.1'])

describe('X-Forwarded-For', () => {
  test.each([
    ['is believed from a trusted proxy', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['is believed from a trusted IPv6 proxy', '2001:db8::5', '198.51.100.7', '198.51.100.7'],
    ['is believed from a proxy seen as mapped IPv4', '::ffff:10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['is read through a chain of trusted proxies', '10.1.2.3', '198.51.100.7, 10.9.9.9', '198.51.100.7'],
    ['may carry a port', '10.1.2.3', '198.51.100.7:4711', '198.51.100.7'],
    ['may be IPv6 in brackets', '10.1.2.3', '[2001:470::9]:4711', '2001:470::9'],
    ['is ignored from anyone else', '203.0.113.9', '198.51.100.7', '203.0.113.9'],
    ['does not reach behind the address the proxy saw', '10.1.2.3', '1.2.3.4, 198.51.100.7', '198.51.100.7'],
    ['stops at what is no address', '10.1.2.3', '198.51.100.7, unknown', '10.1.2.3'],
    ['stays the proxy when it is empty', '10.1.2.3', '', '10.1.2.3'],
  ])('%s', (_, socket, forwardedFor, client) => {
    expect(proxies.peerOf(from(socket, { 'x-forwarded-for': forwardedFor })).remoteAddress).toBe(client)
  })
})

describe('the other forwarded headers', () => {
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'ssh-mcp.example.com' }

  test('are believed from a trusted proxy', () => {
    const { protocol, forwardedHost } = proxies.peerOf(from('10.1.2.3', headers))
    expect([protocol, forwardedHost]).toEqual(['https', 'ssh-mcp.example.com'])
  })

  test('are ignored from anyone else', () => {
    const { protocol, forwardedHost } = proxies.peerOf(from('203.0.113.9', headers))
    expect([protocol, forwardedHost]).toEqual(['http', undefined])
  })
})

describe('a local peer', () => {
  test('is one on loopback', () => {
    expect(proxies.peerOf(from('127.0.0.1')).isLocal).toBe(true)
    expect(new TrustedProxies([]).peerOf(from('::1')).isLocal).toBe(true)
  })

  test('is not one on loopback that passes on for another, trusted or not', () => {
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      expect(proxies.peerOf(from('127.0.0.1', { [header]: '198.51.100.7' })).isLocal).toBe(false)
      expect(new TrustedProxies([]).peerOf(from('127.0.0.1', { [header]: 'x' })).isLocal).toBe(false)
    }
  })

  test('is not one elsewhere', () => {
    expect(proxies.peerOf(from('10.1.2.3')).isLocal).toBe(false)
  })
})

test.each(['10.0.0.0/33', 'proxy.example.com', '10.0.0/8', '2001:db8::/129', '10.0.0.0/x'])(
  '%s is not a range',
  (range) => expect(() => new TrustedProxies([range])).toThrow(TypeError),
)
