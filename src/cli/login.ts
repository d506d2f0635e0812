import type { Command } from 'commander'
import type { LoginInStore } from '../app/login-in-store.ts'
import { printable, printableJson } from '../lib/printable.ts'
import { type CliCommand, complain, say, UsageError } from './command.ts'
import { configOf, withConfig } from './with-config.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

interface RotateOptions extends Options {
  readonly now?: boolean
  readonly revoke?: boolean
}

export const login: CliCommand = {
  register(program, exit) {
    const group = program
      .command('login')
      .description("the bridge's own login (server.oauth.mode: embedded): its keys and its clients")
    common(group.command('rotate'))
      .description('make new signing keys: nobody has to sign in again')
      .option('--now', 'sign with them at once, instead of in 15 minutes')
      .option('--revoke', 'and let the old ones go: access tokens end, clients get new ones by themselves')
      .action(async (options: RotateOptions) => {
        await rotate(options)
        exit(0)
      })
    common(group.command('clients'))
      .description('the clients that registered themselves')
      .action(async (options: Options) => {
        await list(options)
        exit(0)
      })
    common(group.command('forget'))
      .description('forget clients, by the ids that `login clients` shows: their tokens count no more')
      .argument('<id...>')
      .action(async (ids: string[], options: Options) => {
        await forget(ids, options)
        exit(0)
      })
  },
}

function common(command: Command): Command {
  return withConfig(command).option('--json', 'print JSON')
}

async function withLogin<T>(options: Options, work: (login: LoginInStore) => Promise<T>): Promise<T> {
  const config = await configOf(options)
  if (config.server.auth.oauth?.embedded === undefined)
    throw new UsageError(
      'nobody signs in at this bridge itself. To have a login of its own, set server.oauth.mode: embedded',
    )
  const { LoginInStore: Store } = await import('../app/login-in-store.ts')
  const warn = (message: string, fields?: object) => complain(`warning: ${message} ${JSON.stringify(fields)}`)
  const log = { debug: () => undefined, info: () => undefined, warn, error: warn }
  const login = await Store.open(config, log)
  try {
    return await work(login)
  } finally {
    await login.close()
  }
}

async function rotate(options: RotateOptions): Promise<void> {
  if (options.now && options.revoke) throw new UsageError('say --now or --revoke: --revoke signs at once too')
  const how = options.revoke ? 'revoke' : options.now ? 'now' : 'ahead'
  const made = await withLogin(options, (login) => login.rotate(how))
  if (options.json)
    return say(
      printableJson({
        keys: made.map(({ kid, alg, signsFromMs }) => ({
          kid,
          alg,
          from: new Date(signsFromMs).toISOString(),
        })),
      }),
    )
  for (const { kid, alg, signsFromMs } of made)
    say(`${kid}\t${alg}\tsigns from ${new Date(signsFromMs).toISOString()}`)
  complain(
    options.revoke
      ? 'Access tokens that were given before end now; clients get new ones by themselves.'
      : 'What the old keys signed stays good until it expires. A running bridge takes the new ones up within a second.',
  )
}

async function list(options: Options): Promise<void> {
  const clients = (await withLogin(options, (login) => login.clients())).map(
    ({ id, metadata, registeredAt, usedAt }) => ({
      id,
      name: metadata.client_name,
      redirects: metadata.redirect_uris,
      registered: registeredAt,
      used: usedAt,
    }),
  )
  if (options.json) return say(printableJson({ clients }))
  if (clients.length === 0) say('No client has registered itself.')
  for (const { id, name, redirects, registered, used } of clients) {
    const last = used === undefined ? 'never used' : `used ${used}`
    const facts = [id, String(name ?? ''), `registered ${registered}`, last, [redirects].flat().join(' ')]
    say(facts.map(printable).join('\t'))
  }
}

async function forget(ids: readonly string[], options: Options): Promise<void> {
  const stranger = await withLogin(options, (login) => login.forget(ids))
  if (stranger !== undefined)
    throw new UsageError(`no client is ${JSON.stringify(stranger)}; see: ssh-mcp-bridge login clients`)
  if (options.json) say(printableJson({ forgotten: ids }))
  else for (const id of ids) say(`${printable(id)}\tforgotten`)
}
