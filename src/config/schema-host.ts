import * as z from 'zod'
import { address, base32, hostNameText, line, oneOrMore, path, port, scope, secret } from './schema-values.ts'

const sudoPasswordSchema = z.strictObject({
  password: secret('Password of `username`; reaches sudo by its standard input and nothing else.'),
})

const sudoSchema = z.union([z.literal('nopasswd'), sudoPasswordSchema])

const answerSchema = z.strictObject({
  prompt: line(256).describe(
    'A part of the question, in upper or lower case: `password`, `verification code`.',
  ),
  answer: secret('What to answer.').optional(),
  totp_secret: base32(
    'Answer with the code of this TOTP secret (RFC 6238), base32 as shown for authenticator apps.',
  ).optional(),
})

export const attributionSchema = z.strictObject({
  env: z
    .boolean()
    .optional()
    .describe('Send `SSH_MCP_CALL` and `SSH_MCP_USER`; the host sets those that its `AcceptEnv` names.'),
  syslog: z
    .boolean()
    .optional()
    .describe(
      'Write a line with the call and the person to the host’s own syslog before each command (`logger`).',
    ),
})

/** One host as it is written. */
export const hostSchema = z.strictObject({
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
  proxy_command: line(4_096)
    .optional()
    .describe(
      'Run on this machine by the user’s shell, its standard input and output instead of a TCP connection, like OpenSSH’s ProxyCommand. Needs `ssh.allow_proxy_command: true`.',
    ),
  platform: z
    .enum(['auto', 'posix', 'windows', 'network'])
    .default('auto')
    .describe(
      '`windows`: cmd or PowerShell. `network`: a device with a command line of its own. `auto`: found out from the first command that a POSIX shell did not take.',
    ),
  algorithms: z
    .enum(['modern', 'legacy'])
    .default('modern')
    .describe('`legacy` also offers SHA-1 and CBC, for devices too old for anything else.'),
  terminal: z.boolean().default(false).describe('Let callers open live terminals.'),
  sudo: sudoSchema
    .optional()
    .describe('Take `sudo: true` of callers: `nopasswd`, or the password that sudo asks for.'),
  attribution: attributionSchema
    .optional()
    .describe('What the host itself is told of who asks. What is not written: as in `ssh.attribution`.'),
  answers: z
    .array(answerSchema)
    .max(16, { error: 'must not be more than 16' })
    .default([])
    .describe('What keyboard-interactive questions are answered with; the first whose `prompt` fits.'),
})

/** The same without required keys: see `draftSchema`. */
export const hostDraftSchema = hostSchema.partial().extend({
  answers: z.array(answerSchema.partial()).default([]),
  sudo: z.union([z.literal('nopasswd'), sudoPasswordSchema.partial()]).optional(),
})

export type AnswerDraft = z.output<typeof hostDraftSchema>['answers'][number]
