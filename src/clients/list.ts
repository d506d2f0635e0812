import { chatgpt } from './chatgpt.ts'
import { claude } from './claude.ts'
import { claudeCode } from './claude-code.ts'
import { claudeDesktop } from './claude-desktop.ts'
import type { ClientId, McpClient } from './client.ts'
import { codex } from './codex.ts'
import { cursor } from './cursor.ts'
import { gemini } from './gemini.ts'
import { generic } from './generic.ts'
import { vscode } from './vscode.ts'

export const CLIENTS: Readonly<Record<ClientId, McpClient>> = {
  chatgpt,
  claude,
  'claude-desktop': claudeDesktop,
  'claude-code': claudeCode,
  vscode,
  cursor,
  codex,
  gemini,
  generic,
}

/** Undefined for what is none of them. */
export function findClient(id: string): McpClient | undefined {
  return Object.hasOwn(CLIENTS, id) ? CLIENTS[id as ClientId] : undefined
}

/** The client whose way over HTTP this one takes: itself, but for one that has none. */
export function overHttp(client: McpClient): McpClient {
  return client.httpBy === undefined ? client : CLIENTS[client.httpBy]
}

/**
 * Where the known clients want their answers, as `server.oauth.registration.redirect_hosts` says it. Loopback addresses are not in it,
 * since they are always allowed.
 */
export function redirectHosts(): string[] {
  const redirects = Object.values(CLIENTS).flatMap(({ signIn }) => signIn?.redirects ?? [])
  return [...new Set(redirects.flatMap(({ uri }) => redirectHost(uri) ?? []))]
}

/** The host of an https address, or a private scheme with what follows it; undefined for loopback. */
export function redirectHost(uri: string): string | undefined {
  const [scheme = '', host = ''] = uri.split(/:\/\/|\//)
  if (scheme === 'http') return undefined
  return scheme === 'https' ? host : `${scheme}://${host}`
}
