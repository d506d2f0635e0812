import type { Entry } from './client.ts'

export interface EntryStyle {
  /** The member that holds an HTTP address: `url` to most. */
  readonly urlMember: string
  /** Whether the kind of the server is said, as `type`. */
  readonly saysType: boolean
  readonly header: (variable: string) => string
}

/** The JSON form that most clients share, in the dialect of one. */
export function jsonEntry({ urlMember, saysType, header }: EntryStyle): Entry {
  return (server) => {
    if (server.transport === 'stdio')
      return {
        entry: { ...(saysType && { type: 'stdio' }), command: server.command, args: server.args },
      }
    return {
      entry: {
        ...(saysType && { type: 'http' }),
        [urlMember]: server.url,
        ...(server.auth.by === 'key' && { headers: { Authorization: header(server.auth.variable) } }),
      },
    }
  }
}
