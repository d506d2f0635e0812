import type { ClientFile, Discovery, Platform, Server } from './client.ts'

/** What the specification of 2025-11-25 and later asks of a client: the challenge, else the path, else the root; then the server's metadata. */
export const BY_THE_BOOK: Discovery = {
  opens: 'initialize',
  resource: ['challenge', 'path', 'root'],
  server: ['oauth', 'oidc_inserted', 'oidc_appended'],
}

export const bearer = (reference: string): string => `Bearer ${reference}`

/** One path on every operating system. */
export function everywhere(path: string): Readonly<Record<Platform, string>> {
  return { linux: path, darwin: path, win32: path }
}

/** A folder of the application's own: XDG, `Library/Application Support`, `AppData`. */
export function inApplicationFolder(path: string): Readonly<Record<Platform, string>> {
  return {
    linux: `~/.config/${path}`,
    darwin: `~/Library/Application Support/${path}`,
    win32: `%APPDATA%/${path}`,
  }
}

export function jsonFile(
  scope: ClientFile['scope'],
  path: ClientFile['path'],
  format: 'json' | 'jsonc' = 'json',
  key = 'mcpServers',
): ClientFile {
  return { scope, path, format, key }
}

/** Whether the client must be told a client id, because it gets none by itself. */
export function needsClient(server: Server): boolean {
  return server.transport === 'http' && server.auth.by === 'sign_in' && !server.auth.registers
}

/** Stands for the id where a file or a command wants it. */
export const CLIENT_ID = 'CLIENT_ID'
export const CLIENT_ID_FIELD = 'the id of the client that you registered at the provider'
export const CLIENT_SECRET_FIELD = 'its secret, if it has one'
