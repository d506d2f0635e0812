import * as z from 'zod'
import { count, line, scope, secret } from './schema-values.ts'

/** The operators' pages at `/console`. */
export const consoleSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Serve the console at `/console`, where HTTP is served. People sign in on it as clients do.'),
  client_id: line(2_048)
    .optional()
    .describe(
      'The client that the provider of `server.oauth` knows the console by; its redirect address is `/console/callback` of this server. Not needed with the built-in login. Without one, people sign in with an API key.',
    ),
  client_secret: secret('Of that client, where it is not a public one.').optional(),
  scopes: z
    .array(scope())
    .optional()
    .describe(
      'What is asked of the provider. Default: `openid` and `mcp:view`, `mcp:approve`, `mcp:operate`, `mcp:audit`, as the provider calls them.',
    ),
  session: count(5, 10_080).default(720).describe('Minutes that a browser stays signed in, at most.'),
  encryption_key: secret(
    'Seals what is kept of browsers that are signed in; the same at every instance. Default: that of the built-in login, else a key file in `storage.directory`.',
    16,
  ).optional(),
})

export interface ConsoleConfig {
  readonly enabled: boolean
  readonly clientId?: string
  readonly clientSecret?: string
  readonly scopes?: readonly string[]
  readonly sessionMs: number
  readonly encryptionKey?: string
}

export function readConsole(draft: z.output<typeof consoleSchema>): ConsoleConfig {
  const { client_id: clientId, client_secret: clientSecret, encryption_key: encryptionKey, scopes } = draft
  return {
    enabled: draft.enabled,
    sessionMs: draft.session * 60_000,
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
    ...(scopes !== undefined && { scopes }),
    ...(encryptionKey !== undefined && { encryptionKey }),
  }
}

export function consoleSecrets({ clientSecret, encryptionKey }: ConsoleConfig): readonly string[] {
  return [clientSecret, encryptionKey].filter((one) => one !== undefined)
}
