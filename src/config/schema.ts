import * as z from 'zod'
import { approvalsSchema } from './schema-approvals.ts'
import { auditSchema } from './schema-audit.ts'
import { budgetSchema } from './schema-budgets.ts'
import { consoleSchema } from './schema-console.ts'
import { attributionSchema, hostDraftSchema, hostSchema } from './schema-host.ts'
import { commandsSchema, fanOutSchema, filesSchema, limitsSchema, taintSchema } from './schema-limits.ts'
import { programSchema } from './schema-programs.ts'
import { recordingSchema } from './schema-recording.ts'
import { redactionSchema } from './schema-redaction.ts'
import { personSchema, roleSchema, ruleSchema } from './schema-rules.ts'
import { apiKeySchema, serverSchema } from './schema-server.ts'
import { sinkDraftSchema } from './schema-sinks.ts'
import { telemetrySchema } from './schema-telemetry.ts'
import { cidr, count, oneOrMore, path, secret } from './schema-values.ts'

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
  attribution: attributionSchema
    .extend({
      env: attributionSchema.shape.env.default(true),
      syslog: attributionSchema.shape.syslog.default(false),
    })
    .prefault({})
    .describe('What hosts are told of who asks, where they say nothing else; those of `ssh_config` too.'),
  allow_proxy_command: z
    .boolean()
    .default(false)
    .describe(
      'Take `proxy_command` of hosts and `ProxyCommand` of `ssh_config`: programs that run on this machine.',
    ),
})

/** The configuration as it is written. What it says here is the reference page, the editors' JSON Schema and the check. */
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
  commands: commandsSchema
    .prefault({})
    .describe('How many commands are kept, with how much of their output, and for how long.'),
  fan_out: fanOutSchema.prefault({}).describe('Bounds on one command for many hosts (`run_on_hosts`).'),
  files: filesSchema.prefault({}).describe('Bounds on what the file tools read, write and transfer.'),
  roles: z.array(roleSchema).max(10_000).default([]).describe('Who somebody is, by what is known of them.'),
  rules: z
    .array(ruleSchema)
    .max(10_000)
    .optional()
    .describe(
      'Who may do what. The first that is about something decides it; what none is about is denied. Without this key whoever may call may do anything on every host whose `required_scopes` they hold.',
    ),
  people: z
    .array(personSchema)
    .max(100_000)
    .default([])
    .describe('Which ways in are one human: nobody approves what they asked for themselves by another.'),
  budgets: z
    .array(budgetSchema)
    .max(1_000)
    .default([])
    .describe('How much a person or a client may use. Every one that is for a caller holds.'),
  approvals: approvalsSchema.prefault({}).describe('How approvals are asked for and told.'),
  audit: auditSchema.prefault({}).describe('How the audit is signed, kept and handed out.'),
  redaction: redactionSchema.prefault({}).describe('What is taken out of answers, and what becomes of it.'),
  recording: recordingSchema
    .prefault({})
    .describe('What is recorded of what is shown on hosts, for whoever has to look at it later.'),
  taint: taintSchema
    .prefault({})
    .describe('What makes a caller tainted, for the rules that say `when_tainted`.'),
  programs: z
    .array(programSchema)
    .max(1_000)
    .default([])
    .describe(
      'Programs whose words are described here: what is listed changes nothing and is of class `read`. Of a program that the bridge knows, this takes the place of what it knows.',
    ),
  console: consoleSchema.prefault({}).describe("The operators' console, in a browser."),
  storage: z
    .strictObject({
      directory: path()
        .optional()
        .describe(
          'Directory for what survives a restart on this machine. Default: `$XDG_STATE_HOME/ssh-mcp-bridge`, else `~/.local/state/ssh-mcp-bridge`.',
        ),
      url: secret(
        'The database that holds everything that survives a restart: SQLite in a file, `sqlite:/path/of/bridge.db`, or PostgreSQL, `postgres://user:password@server/database`, which several instances may share. Default: `sqlite:`, which is `bridge.db` in `directory`.',
      )
        .regex(
          /^(?:sqlite:|postgres(?:ql)?:\/\/[^/]*\/[^/]+)/,
          'must begin with `sqlite:`, or be `postgres://user:password@server/database`',
        )
        .optional(),
    })
    .prefault({})
    .describe('Where state is kept.'),
  telemetry: telemetrySchema
    .prefault({})
    .describe('Where telemetry is sent. Metrics are scraped at `/metrics`.'),
  outbound: z
    .strictObject({
      private_addresses: z
        .array(cidr())
        .default([])
        .describe(
          'Private addresses and ranges, such as 10.1.0.0/16, that requests of the bridge itself may reach: identity providers, client metadata, webhooks. Default: none, and loopback only where an address of it is configured.',
        ),
    })
    .prefault({})
    .describe('Requests that the bridge itself makes. Connections to hosts are not among them.'),
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
  hosts: z.array(hostDraftSchema).default([]),
  server: serverDraftSchema.prefault({}),
  roles: z.array(roleSchema.partial()).default([]),
  rules: z.array(ruleSchema.partial()).optional(),
  people: z.array(personSchema.partial()).default([]),
  budgets: z.array(budgetSchema.partial()).default([]),
  audit: auditSchema.extend({ sinks: z.array(sinkDraftSchema).default([]) }).prefault({}),
})

export type Draft = z.output<typeof draftSchema>
export type HostDraft = Draft['hosts'][number]
export type ServerDraft = Draft['server']
export type RoleDraft = Draft['roles'][number]
export type RuleDraft = NonNullable<Draft['rules']>[number]
export type BudgetDraft = Draft['budgets'][number]
export type PersonDraft = Draft['people'][number]
export type ApprovalsDraft = Draft['approvals']
