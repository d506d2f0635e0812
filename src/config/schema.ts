import * as z from 'zod'
import { apiKeySchema, serverSchema } from './schema-server.ts'
import { address, count, hostNameText, line, oneOrMore, path, port, scope, secret } from './schema-values.ts'

/** The configuration as it is written. What it says here is the reference page, the editors' JSON Schema and the check. */
const hostSchema = z.strictObject({
  name: hostNameText().describe(
    'What assistants see and ask for: 1–63 letters, digits, `.`, `_`, `-`. Each name once.',
  ),
  description: z
    .string()
    .max(1_024, { error: 'must not be longer than 1024 characters' })
    .default('')
    .describe('What the host is for, for assistants and people.'),
  host: address().describe('DNS name or IP address. Never shown to a caller.'),
  port: port().default(22).describe('SSH port.'),
  username: line(128).describe('User to sign in as. Never shown to a caller.'),
  private_key_path: path()
    .optional()
    .describe(
      'Private key file, readable by its owner only. `~` is the home directory; else relative to this file.',
    ),
  passphrase: secret('Passphrase of the private key.').optional(),
  password: secret('Password, where the host takes no key.').optional(),
  agent: z
    .union([z.boolean(), path()])
    .optional()
    .describe(
      'Sign in through an SSH agent: `true` for the one of `$SSH_AUTH_SOCK`, or the path of its socket.',
    ),
  execution_mode: z
    .enum(['exec', 'shell'])
    .default('exec')
    .describe(
      '`exec`: each command alone. `shell`: directory, variables and functions persist from call to call.',
    ),
  disable_pager: z
    .boolean()
    .default(true)
    .describe('Keep programs from opening a pager and waiting for a key.'),
  required_scopes: z
    .array(scope())
    .default([])
    .describe(
      'Scopes a caller must hold beside `mcp:execute`; a missing one is answered with a step-up challenge.',
    ),
  tags: z.array(line(64)).default([]).describe('Words to group hosts by.'),
  jump: hostNameText().optional().describe('Another host to go through, by name; chains work.'),
  host_key: oneOrMore(
    z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, {
      error: 'must be a fingerprint as `ssh-keygen -lf` prints it, such as SHA256: and 43 characters',
    }),
  )
    .optional()
    .describe('Fingerprint, or a list of them, that the host must show. Default: known_hosts decides.'),
})

const sessionSchema = z.strictObject({
  idle_timeout: count(1, 10_080)
    .default(30)
    .describe('Minutes after which an unused session or connection ends.'),
  max_sessions_per_host: count(1, 100)
    .default(5)
    .describe('Sessions, and connections, of one caller on one host.'),
  cleanup_interval: count(1, 3_600).default(60).describe('Seconds between two looks for unused ones.'),
})

const sshSchema = z.strictObject({
  known_hosts: oneOrMore(path())
    .default(['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'])
    .describe('known_hosts files, in order. The one of `hosts trust`, in `storage.directory`, is read last.'),
  connect_timeout: count(1, 300).default(15).describe('Seconds until a connection must be signed in.'),
  keepalive_interval: count(0, 3_600).default(15).describe('Seconds between keepalive messages; 0 for none.'),
})

const MEBIBYTE = 1_048_576

const limitsSchema = z.strictObject({
  output_bytes: count(1_024, 16 * MEBIBYTE)
    .default(MEBIBYTE)
    .describe(
      'Bytes of one output stream in one answer; the middle of a longer one is left out and counted.',
    ),
  body_bytes: count(1_024, 64 * MEBIBYTE)
    .default(MEBIBYTE)
    .describe('Bytes of one HTTP request body.'),
  calls_per_minute: count(1, 1_000_000).default(600).describe('Calls one caller may make in a minute.'),
  timeout: count(1, 86_400)
    .default(60)
    .describe('Seconds a command may take when the call names no `timeout_seconds`.'),
  max_timeout: count(1, 86_400).default(3_600).describe('The most seconds a call may ask for.'),
  mcp_sessions: count(1, 100_000).default(1_000).describe('Legacy MCP sessions in all.'),
  mcp_sessions_per_principal: count(1, 10_000).default(20).describe('Legacy MCP sessions of one caller.'),
  shutdown: count(0, 3_600).default(30).describe('Seconds that running calls may go on after SIGTERM.'),
})

const sections = {
  server: serverSchema.prefault({}).describe('Transports, authentication, CORS and logging.'),
  hosts: z.array(hostSchema).max(100_000).default([]).describe('The hosts that assistants may ask for.'),
  session: sessionSchema.prefault({}).describe('How long shell state and connections are kept.'),
  ssh_config: path()
    .optional()
    .describe(
      'An OpenSSH client configuration, such as ~/.ssh/config: its hosts appear beside those of `hosts`.',
    ),
  ssh: sshSchema.prefault({}).describe('How hosts are reached and recognised.'),
  limits: limitsSchema.prefault({}).describe('Bounds on size, time and number.'),
  storage: z
    .strictObject({
      directory: path()
        .optional()
        .describe(
          'Directory for what survives a restart. Default: `$XDG_STATE_HOME/ssh-mcp-bridge`, else `~/.local/state/ssh-mcp-bridge`.',
        ),
    })
    .prefault({})
    .describe('Where state is kept.'),
  audit: z
    .strictObject({
      directory: path()
        .optional()
        .describe('Directory of the audit log. Default: `audit` in `storage.directory`.'),
    })
    .prefault({})
    .describe('Where calls are remembered.'),
}

export const configSchema = z.strictObject(sections)

/**
 * The same without required keys: what is left of a broken file, so that the checks between keys find their mistakes in the same
 * run. Fields stay as strict as above.
 */
export const serverDraftSchema = serverSchema.extend({
  api_keys: z.array(apiKeySchema.partial()).default([]),
})

export const draftSchema = z.strictObject({
  ...sections,
  hosts: z.array(hostSchema.partial()).default([]),
  server: serverDraftSchema.prefault({}),
})

export type Draft = z.output<typeof draftSchema>
export type HostDraft = Draft['hosts'][number]
export type ServerDraft = Draft['server']
