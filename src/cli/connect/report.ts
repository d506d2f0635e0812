import { type Configuration, configurationOf } from '../../clients/configuration.ts'
import { CLIENT_ID, needsClient } from '../../clients/everyone.ts'
import { shellWord } from '../../config/file-mode.ts'
import { pathOf } from './places.ts'
import type { Connection } from './plan.ts'

/** All that can be told of a connection, as programs read it with `--print json`. */
export interface ConnectReport {
  readonly client: string
  readonly title: string
  readonly transport: 'stdio' | 'http'
  readonly url?: string
  /** How the bridge knows who calls. */
  readonly auth: 'local' | 'nothing' | 'key' | 'sign_in'
  readonly key_variable?: string
  /** Who signs people in; absent where nobody does, or only the address of the bridge is known. */
  readonly sign_in?: 'embedded' | 'external'
  readonly scopes: readonly string[]
  readonly redirect_addresses: readonly { readonly uri: string; readonly when?: string }[]
  readonly refused_redirect_addresses: readonly string[]
  /** What goes into the client's file, whole and as text. */
  readonly configuration?: Configuration
  readonly files: readonly { readonly path: string; readonly scope: 'user' | 'project' }[]
  /** The words of the client's own command. */
  readonly command_line?: readonly string[]
  readonly dialog?: { readonly where: string; readonly fields: readonly (readonly [string, string])[] }
  readonly next: string
  readonly check: string
  readonly page: string
  readonly notes: readonly string[]
}

export function reportOf(connection: Connection, configPath: string | undefined): ConnectReport {
  const { client, way, name, server } = connection
  const auth = server.transport === 'stdio' ? 'local' : server.auth.by
  const named = { name, server }
  const notes = [...(server.transport === 'http' ? (way.httpNotes ?? []) : []), ...way.notes]
  const configuration = configurationOf(way, named)
  const isTyped = server.transport === 'http' && way.dialog !== undefined
  const next = auth === 'local' ? way.next.stdio : auth === 'sign_in' ? way.next.signIn : way.next.http
  return {
    client: client.id,
    title: way.title,
    transport: server.transport,
    ...(server.transport === 'http' && { url: server.url }),
    auth,
    ...(server.transport === 'http' && server.auth.by === 'key' && { key_variable: server.auth.variable }),
    scopes: server.transport === 'http' && server.auth.by === 'sign_in' ? server.auth.scopes : [],
    ...(connection.signIn && { sign_in: connection.signIn }),
    redirect_addresses: connection.redirects,
    refused_redirect_addresses: connection.refusedRedirects,
    ...(configuration && { configuration }),
    files: connection.files.map((file) => ({ path: pathOf(file), scope: file.scope })),
    ...(way.commandLine && { command_line: way.commandLine.words(named) }),
    ...(isTyped && way.dialog && { dialog: { where: way.dialog.where, fields: way.dialog.fields(named) } }),
    next: (next ?? '').replaceAll('NAME', name),
    check: [
      'ssh-mcp-bridge doctor',
      ...(configPath ? [shellWord(configPath)] : []),
      `--client ${way.id}`,
    ].join(' '),
    page: `docs/${way.page}`,
    notes: needsClient(server)
      ? [`${CLIENT_ID} stands for the id of a client that you register at the provider.`, ...notes]
      : notes,
  }
}
