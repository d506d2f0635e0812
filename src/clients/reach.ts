import { isIP } from 'node:net'
import type { McpClient } from './client.ts'

/** Why a service on the internet cannot use this address; undefined when nothing speaks against it. What names resolve to is not looked up. */
export function whyOutOfReach(address: string): string | undefined {
  const { protocol, hostname } = new URL(address)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (/^(?:127\.|::1$|(?:.+\.)?localhost$)/.test(host)) return 'only this machine reaches it'
  if (isIP(host) !== 0 && PRIVATE.test(host)) return 'it is a private address'
  if (isIP(host) === 0 && (!host.includes('.') || /\.(?:local|internal|lan|home\.arpa)$/.test(host)))
    return 'its name is known in your network only'
  return protocol === 'https:' ? undefined : 'it is not https'
}

// RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6.
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd]|fe[89ab])/i

/** Whether the client gets a client id by itself at an external provider: known of Entra ID and Okta, hoped for of others. */
export function registersAt(provider: string | undefined, { id }: McpClient): boolean {
  return provider === 'entra' ? id === 'vscode' : provider !== 'okta'
}
