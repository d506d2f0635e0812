import { describe, expect, test } from 'vitest'
import { isOwnHost } from './own-host.ts'

const loopback = { bindAddress: '127.0.0.1', localPort: 8080 }
const published = { ...loopback, publicUrl: 'https://ssh-mcp.example.com' }
const oddPort = { ...loopback, publicUrl: 'https://ssh-mcp.example.com:8443' }
const everywhere = { bindAddress: '0.0.0.0', localPort: 8080 }
const oneAddress = { bindAddress: '192.0.2.10', localPort: 8080 }

describe('the Host guard', () => {
  test.each([
    ['loopback by name', loopback, 'localhost:8080'],
    ['loopback by address', loopback, '127.0.0.1:8080'],
    ['loopback by IPv6 address', loopback, '[::1]:8080'],
    ['a name in capitals', loopback, 'LOCALHOST:8080'],
    ['port 80 when it is left out', { bindAddress: 'localhost', localPort: 80 }, 'localhost'],
    ['the public name', published, 'ssh-mcp.example.com'],
    ['the public name with its default port', published, 'ssh-mcp.example.com:443'],
    ['loopback beside the public name', published, '127.0.0.1:8080'],
    ['the public name with its own port', oddPort, 'ssh-mcp.example.com:8443'],
    ['the public name from a proxy that drops the port', oddPort, 'ssh-mcp.example.com'],
    ['a public address in IPv6', { ...loopback, publicUrl: 'https://[2001:db8::1]' }, '[2001:db8::1]'],
    ['an address literal when bound to all', everywhere, '192.0.2.10:8080'],
    ['a mapped port when bound to all', everywhere, 'localhost:9000'],
    ['the one bound address', oneAddress, '192.0.2.10:8080'],
  ])('accepts %s', (_, address, host) => {
    expect(isOwnHost(host, address)).toBe(true)
  })

  test.each([
    ['another name', loopback, 'evil.example.net:8080'],
    ['a name that ends like its own', published, 'evil-ssh-mcp.example.com'],
    ['a name below its own', published, 'a.ssh-mcp.example.com'],
    ['another port', loopback, 'localhost:8081'],
    ['another port of the public name', published, 'ssh-mcp.example.com:8080'],
    ['no port when the port is not 80', loopback, 'localhost'],
    ['a decimal IP address', loopback, '2130706433:8080'],
    ['a hexadecimal IP address', loopback, '0x7f000001:8080'],
    ['an octal IP address', loopback, '0177.0.0.1:8080'],
    ['a short IP address', loopback, '127.1:8080'],
    ['a trailing dot', loopback, 'localhost.:8080'],
    ['a trailing dot on the public name', published, 'ssh-mcp.example.com.'],
    ['two values', loopback, 'localhost:8080, evil.example.net'],
    ['the same value twice', loopback, 'localhost:8080, localhost:8080'],
    ['user information', loopback, 'evil@localhost:8080'],
    ['a wildcard name service', loopback, '127.0.0.1.nip.io:8080'],
    ['a wildcard name service when bound to all', everywhere, '192.0.2.10.nip.io:8080'],
    ['a name when bound to all without a public_url', everywhere, 'evil.example.net:8080'],
    ['loopback when bound to one other address', oneAddress, 'localhost:8080'],
    ['another address than the one bound', oneAddress, '192.0.2.11:8080'],
    ['a port that there is not', everywhere, '127.0.0.1:99999'],
    ['an IPv6 address without brackets', loopback, '::1'],
    ['an empty value', loopback, ''],
    ['a path', loopback, 'localhost:8080/x'],
  ])('refuses %s', (_, address, host) => {
    expect(isOwnHost(host, address)).toBe(false)
  })
})
