import * as z from 'zod'
import { ACTION_CLASSES } from '../domain/decision.ts'
import { parseCommandPattern } from '../policy/command-pattern.ts'
import { parseSelector } from '../policy/hosts/selector.ts'
import { parsePathPattern } from '../policy/rules/path-pattern.ts'
import { isTimeZone, parseDays, parseTimeOfDay } from '../policy/rules/weekly-window.ts'
import { cidr, count, line, oneOrMore, scope } from './schema-values.ts'

/** Names of roles, rules and people: they stand in lists and in the audit, with commas between them. */
const named = () =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    error: 'must be 1 to 63 letters, digits, dots, underscores or hyphens that begin with a letter or digit',
  })

/** A text that `mistakeIn` finds nothing wrong with; otherwise what it says, to follow "must". */
const checked = (mistakeIn: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const mistake = text.length > 1_024 ? 'not be longer than 1024 characters' : mistakeIn(text)
    if (mistake !== undefined) context.addIssue({ code: 'custom', message: `must ${mistake}` })
  })

const email = () =>
  checked((text) =>
    /^(?:[^\s@*]+|\*)@[^\s@*]+$/.test(text)
      ? undefined
      : 'be an address, or *@ and a domain for all of that domain: *@example.com',
  )

const matchSchema = z.strictObject({
  groups: oneOrMore(line(256)).optional().describe('Groups that the token names.'),
  roles: oneOrMore(line(256)).optional().describe('Roles that the token names, or those of an API key.'),
  emails: oneOrMore(email())
    .optional()
    .describe('Addresses, in any case, or `*@example.com`. Trusted as far as the issuer is.'),
  subjects: oneOrMore(line(256)).optional().describe('Subjects of tokens, names of users or of API keys.'),
  issuers: oneOrMore(line())
    .optional()
    .describe('Issuers, exactly; `api-key` for keys, `os` for the user at standard input.'),
  clients: oneOrMore(line(256)).optional().describe('Client ids.'),
  scopes: oneOrMore(scope()).optional().describe('Scopes of the token.'),
  api_keys: oneOrMore(line(128))
    .optional()
    .describe('Names of `server.api_keys`; `api_key` for the plain one.'),
  methods: oneOrMore(z.enum(['oauth', 'api_key', 'stdio', 'none']))
    .optional()
    .describe('Ways in: `oauth`, `api_key`, `stdio`, or `none` (loopback without authentication).'),
})

export const roleSchema = z.strictObject({
  name: named().describe('What rules call it. Each name once.'),
  match: z
    .array(matchSchema)
    .min(1, { error: 'must have one entry at least' })
    .max(1_000)
    .describe('Who holds it: one entry is enough, every key of an entry must hold, of a list one is enough.'),
})

const windowSchema = z.strictObject({
  days: oneOrMore(
    checked((text) => (parseDays(text) ? undefined : 'be a day or days: mon, mon-fri, or a list of them')),
  )
    .optional()
    .describe('Days on which it begins: `mon-fri`, `[sat, sun]`. Default: every day.'),
  from: timeOfDay().default('00:00').describe('When it begins: `08:00`.'),
  to: timeOfDay()
    .default('24:00')
    .describe('When it is over: `18:00`. Not later than `from`: on the next day.'),
  time_zone: checked((text) => (isTimeZone(text) ? undefined : 'be a time zone such as Europe/Berlin or UTC'))
    .default('UTC')
    .describe('Whose clocks, as Europe/Berlin: summer time is kept.'),
})

function timeOfDay() {
  return checked((text) =>
    parseTimeOfDay(text) === undefined ? 'be a time of day such as 08:00, in quotes' : undefined,
  )
}

const terms = {
  approvers: oneOrMore(line(63))
    .optional()
    .describe('Roles: who holds one of them may approve, unless it is the requester.'),
  count: count(1, 10).optional().describe('So many different people must approve.'),
  expires: count(60, 604_800).optional().describe('Seconds after which an unanswered request is over.'),
}

export const ruleSchema = z.strictObject({
  name: named().describe('What the audit and refusals call it. Each name once.'),
  roles: oneOrMore(line(63)).optional().describe('Whom it is for. Default: everybody.'),
  hosts: oneOrMore(
    checked((text) =>
      parseSelector(text)
        ? undefined
        : 'be a host name, a pattern (web-*, web-[01-20]) or tag:NAME; ! in front takes hosts out',
    ),
  )
    .optional()
    .describe(
      'Names, patterns (`web-*`, `web-[01-20]`), `tag:prod`; `!` in front takes out. Default: every host.',
    ),
  actions: oneOrMore(z.enum(ACTION_CLASSES)).optional().describe('Classes. Default: every class.'),
  commands: oneOrMore(
    checked((text) => {
      const parsed = parseCommandPattern(text)
      return 'mistake' in parsed ? `be a pattern of a command: ${parsed.mistake}` : undefined
    }),
  )
    .optional()
    .describe(
      '`systemctl restart nginx*`: a word for each argument, `*` within one, `**` last for any more, `/regex/` for a whole one. It is about commands alone then.',
    ),
  paths: oneOrMore(
    checked((text) => {
      const parsed = parsePathPattern(text)
      return typeof parsed === 'string' ? parsed : undefined
    }),
  )
    .optional()
    .describe(
      '`/var/log/**`, `/etc/*.conf`, `~/notes/**`: it is about files then, and about what `read` commands read.',
    ),
  when: z
    .array(windowSchema)
    .min(1, { error: 'must have one window at least' })
    .optional()
    .describe('Hours of the week.'),
  from: oneOrMore(cidr())
    .optional()
    .describe('Where the call comes from: addresses and ranges (`10.0.0.0/8`). Not over standard input.'),
  effect: z
    .enum(['allow', 'approve', 'deny', 'observe'])
    .describe('What follows. `observe` only records what `would` have followed.'),
  would: z.enum(['allow', 'approve', 'deny']).optional().describe('Of `observe`. Default: allow.'),
  ...terms,
  self_approve: z
    .boolean()
    .default(false)
    .describe("The requester's own client may confirm instead; recorded as that."),
  step_up: scope()
    .optional()
    .describe('Holds only for tokens with this scope; others get the challenge to ask for it.'),
  when_tainted: z
    .enum(['approve', 'deny'])
    .optional()
    .describe(
      'What `allow` becomes for write, run and sudo once the caller has read what others may have written.',
    ),
  sensitive: z
    .boolean()
    .default(false)
    .describe('Let places that give power over the host be written without approval.'),
  secrets: z.boolean().default(false).describe('Let withheld values be used by their handles.'),
  reason: line(300).optional().describe('Told to whoever it denies.'),
})

const principalSchema = z.strictObject({
  issuer: line().describe('As the token says.'),
  subject: line(256).describe('As the token says; the audit names it.'),
})

export const personSchema = z.strictObject({
  name: named().describe('What the person is called. Each name once.'),
  emails: oneOrMore(line(320)).optional().describe('Addresses that tokens of this person name.'),
  principals: z.array(principalSchema).optional().describe('Accounts: issuer and subject, exactly.'),
  api_keys: oneOrMore(line(128)).optional().describe('Names of the API keys that this person holds alone.'),
  os_users: oneOrMore(line(128)).optional().describe('Users of this machine, for standard input.'),
})
