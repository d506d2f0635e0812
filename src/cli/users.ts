import type { Command } from 'commander'
import type { UserFacts, UsersInStore } from '../app/users.ts'
import type { OAuthConfig } from '../config/oauth-config.ts'
import { isUsername, type User } from '../domain/user.ts'
import { systemClock } from '../lib/clock.ts'
import { printable, printableJson } from '../lib/printable.ts'
import { OPERATOR_SCOPES } from '../policy/scopes.ts'
import { type CliCommand, complain, say, UsageError } from './command.ts'
import { configOf, withConfig } from './with-config.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

interface FactOptions extends Options {
  readonly name?: string
  readonly email?: string
  readonly group?: string[]
  readonly scope?: string[]
  readonly passwordStdin?: boolean
}

export const users: CliCommand = {
  register(program, exit) {
    const group = program
      .command('users')
      .description('people who sign in at the bridge itself (server.oauth.mode: embedded)')
    const one = (name: string, what: string) =>
      withConfig(group.command(name)).description(what).argument('<name>', 'what the person types to sign in')
    const act = (command: Command, work: (name: string, options: FactOptions) => Promise<void>) =>
      command.action(async (name: string, options: FactOptions) => {
        await work(userName(name), options)
        exit(0)
      })

    withConfig(group.command('list'))
      .description('who may sign in')
      .option('--json', 'print JSON')
      .action(async (options: Options) => {
        await withUsers(options, async ({ store }) => tell(options, await store.list()))
        exit(0)
      })
    const adding = withFacts(one('add', 'add a person, and print the link at which they choose a password'))
      .option('--password-stdin', 'take the password from standard input instead, up to the end of the line')
      .option('--json', 'print JSON')
    act(adding, add)
    act(withFacts(one('set', 'say anew what is known of a person; what is not named stays')), set)
    act(
      one('reset', 'end the password and the one-time code, and print a new set-up link').option(
        '--json',
        'print JSON',
      ),
      reset,
    )
    act(one('disable', 'keep a person out until enabled again'), (name, options) => turn(name, options, true))
    act(one('enable', 'let a disabled person in again'), (name, options) => turn(name, options, false))
    act(one('remove', 'remove a person for good'), remove)
  },
}

function withFacts(command: Command): Command {
  const each = (value: string, before: string[] = []) => [...before, value]
  return command
    .option('--name <name>', 'the name people know, for the audit')
    .option('--email <address>', 'for the audit, rules and approvals')
    .option('--group <name>', 'a group that rules can name; may be repeated; none: --group ""', each)
    .option('--scope <scope>', 'the most that the person may give to a client; may be repeated', each)
}

interface Opened {
  readonly store: UsersInStore
  readonly oauth: OAuthConfig
}

async function withUsers(options: Options, work: (opened: Opened) => Promise<void>): Promise<void> {
  const config = await configOf(options)
  const { oauth } = config.server.auth
  if (oauth?.embedded === undefined)
    throw new UsageError(
      'nobody signs in at this bridge itself. To have users of its own, set server.oauth.mode: embedded',
    )
  if (oauth.embedded.upstream !== undefined)
    throw new UsageError(
      `nobody has a password at this bridge: people sign in at ${oauth.embedded.upstream.issuer} (server.oauth.upstream)`,
    )
  const { UsersInStore: Store } = await import('../app/users.ts')
  const warn = (message: string, fields?: object) => complain(`warning: ${message} ${JSON.stringify(fields)}`)
  const store = await Store.open(config, oauth.embedded.issuer, { warn })
  try {
    await work({ store, oauth })
  } finally {
    await store.close()
  }
}

async function add(name: string, options: FactOptions): Promise<void> {
  const facts = factsOf(options)
  await withUsers(options, async ({ store, oauth }) => {
    warnOfScopes(facts, oauth)
    if (store.isNew) complain('warning: the database is new: is it the one of the bridge that you mean?')
    const password = options.passwordStdin ? await passwordFromInput() : undefined
    const link = await store.add(name, facts, password)
    if (options.json) say(printableJson({ username: name, set_up_link: link }))
    else if (link === undefined) say(`${name} may sign in now.`)
    else tellLink(name, link)
  })
}

async function set(name: string, options: FactOptions): Promise<void> {
  const facts = factsOf(options)
  if (Object.keys(facts).length === 0)
    throw new UsageError('say what to set, some of: --name, --email, --group, --scope')
  await withUsers(options, async ({ store, oauth }) => {
    warnOfScopes(facts, oauth)
    await store.set(name, facts)
    say(`${name}: set. It counts from the next token on, which is at most ${tokenMinutes(oauth)} away.`)
  })
}

async function reset(name: string, options: Options): Promise<void> {
  await withUsers(options, async ({ store }) => {
    const link = await store.reset(name)
    if (options.json) say(printableJson({ username: name, set_up_link: link }))
    else tellLink(name, link)
  })
}

async function turn(name: string, options: Options, isDisabled: boolean): Promise<void> {
  await withUsers(options, ({ store }) => store.setDisabled(name, isDisabled))
  say(isDisabled ? `${name} is disabled. ${LAST_TOKENS}` : `${name} may sign in again.`)
}

async function remove(name: string, options: Options): Promise<void> {
  await withUsers(options, ({ store }) => store.remove(name))
  say(`${name} is removed. ${LAST_TOKENS}`)
}

/** A running bridge asks at each request, and about whoever has work running each second. */
const LAST_TOKENS =
  'Their tokens count no more, and a running bridge ends what it does for them within a few seconds.'

function tokenMinutes({ embedded }: OAuthConfig): string {
  return `${Math.ceil((embedded?.accessTokenMs ?? 0) / 60_000)} minutes`
}

function tellLink(name: string, link: string): void {
  say(
    `Give ${name} this link, over a way that only ${name} reads. It works once, within 24 hours:\n\n  ${link}\n`,
  )
}

/** Signing in asks for the name in any case. */
function userName(text: string): string {
  const name = text.toLowerCase()
  if (isUsername(name)) return name
  throw new UsageError(
    `not a user name: ${JSON.stringify(text)}; write 1 to 63 of a-z 0-9 . _ + @ -, beginning with a letter or digit`,
  )
}

function factsOf({ name, email, group, scope }: FactOptions): UserFacts {
  if (name !== undefined && !/^[^\p{C}]{1,200}$/u.test(name))
    throw new UsageError(`not a name: ${JSON.stringify(name)}; write 1 to 200 characters on one line`)
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email))
    throw new UsageError(`not an e-mail address: ${JSON.stringify(email)}; write it as user@example.com`)
  const groups = group?.filter((one) => one !== '')
  const odd = groups?.find((one) => !/^[^\p{C}]{1,256}$/u.test(one))
  if (odd !== undefined) throw new UsageError(`not a group: ${JSON.stringify(odd)}`)
  // RFC 6749 §3.3
  const wrong = scope?.find((one) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one))
  if (wrong !== undefined)
    throw new UsageError(`not a scope: ${JSON.stringify(wrong)}; write --scope mcp:execute --scope mcp:admin`)
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(groups && { groups: [...new Set(groups)] }),
    ...(scope && { scopes: [...new Set(scope)] }),
  }
}

/** A scope that is mistyped would open nothing, and nobody would notice. */
function warnOfScopes({ scopes = [] }: UserFacts, { scopesSupported }: OAuthConfig): void {
  const inUse = [...new Set([...scopesSupported, ...OPERATOR_SCOPES])]
  const idle = scopes.filter((scope) => !inUse.includes(scope))
  if (idle.length > 0)
    complain(`warning: nothing asks for ${idle.join(', ')}; in use are: ${inUse.join(', ')}`)
}

/** Never as an argument: whoever lists the processes of this machine would read it. */
async function passwordFromInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.includes('\n') || text.length > 10_000) break
  }
  const [line = ''] = text.split(/\r?\n/)
  if (line === '') throw new UsageError('no password came on standard input')
  return line
}

function tell({ json }: Options, listed: readonly User[]): void {
  if (json) {
    say(printableJson({ users: listed.map(wireUser) }))
    return
  }
  if (listed.length === 0) say('There is no user. Add one: ssh-mcp-bridge users add NAME')
  for (const user of listed) {
    const facts = [
      user.username,
      stateOf(user),
      user.scopes.join(' '),
      user.groups.join(' '),
      user.email,
      user.name,
    ]
    say(
      facts
        .map((one) => printable(one ?? ''))
        .join('\t')
        .trimEnd(),
    )
  }
}

function wireUser(user: User) {
  const { id, username, name, email, groups, scopes, addedAt, totp } = user
  const added = addedAt.toISOString()
  return {
    subject: id,
    username,
    name,
    email,
    groups,
    scopes,
    state: stateOf(user),
    code: totp !== undefined,
    added,
  }
}

function stateOf({ isDisabled, passwordHash, totp, setUp }: User): string {
  if (isDisabled) return 'disabled'
  if (passwordHash !== undefined) return totp === undefined ? 'password' : 'password and code'
  const isLate = setUp === undefined || setUp.expiresAt <= systemClock.now()
  return isLate ? 'link expired' : 'link not used yet'
}
