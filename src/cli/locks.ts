import type { Command } from 'commander'
import type { LocksInStore } from '../app/locks.ts'
import type { Config } from '../config/config.ts'
import { type Lock, type LockTarget, NO_REASON } from '../domain/lock.ts'
import { printable, printableJson } from '../lib/printable.ts'
import { wireLock } from '../pipeline/wire-lock.ts'
import { askYes, type CliCommand, complain, type ExitCode, say, UsageError } from './command.ts'
import { durationMs } from './duration.ts'
import { lockTarget, type TargetOptions, targetText } from './lock-target.ts'
import { configOf, withConfig } from './with-config.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

interface AddOptions extends Options, TargetOptions {
  readonly reason?: string
  readonly for?: string
  readonly force?: boolean
}

export const locks: CliCommand = {
  register(program, exit) {
    const group = program
      .command('locks')
      .description('keep a person, client, API key or host out, or everybody, and end what runs')
    common(group.command('list'))
      .description('the locks in force')
      .action(async (options: Options) => {
        await withLocks(options, async ({ store }) => tell(options, locksIn(store)))
        exit(0)
      })
    common(group.command('add'))
      .description('lock: new work is refused, running work is ended within a second')
      .option('--person <who>', 'an e-mail address, or ISSUER,SUBJECT')
      .option('--client <id>', 'an application, whoever uses it')
      .option('--api-key <name>', 'an API key of the configuration')
      .option('--host <name>', 'a host of the configuration, for everybody')
      .option('--all', 'everybody, everywhere')
      .option('--reason <text>', 'for operators and the audit')
      .option('--for <time>', 'lifted by itself after 90s, 15m, 2h, 7d')
      .option('--force', 'also a host or key that the configuration does not have')
      .action(async (options: AddOptions) => {
        await add(options)
        exit(0)
      })
    common(group.command('remove'))
      .description('lift locks, by the ids that `locks list` shows')
      .argument('<id...>')
      .action(async (ids: string[], options: Options) => {
        await remove(ids, options)
        exit(0)
      })
    common(group.command('reset'))
      .description('lift every lock, also where nobody can tell which there are')
      .option('--yes', 'do not ask: for scripts')
      .action(async (options: Options & { readonly yes?: boolean }) => {
        exit(await withLocks(options, ({ store }) => reset(store, options)))
      })
  },
}

function common(command: Command): Command {
  return withConfig(command).option('--json', 'print JSON')
}

interface Opened {
  readonly config: Config
  readonly store: LocksInStore
}

async function withLocks<T>(options: Options, work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = await configOf(options)
  const { LocksInStore: Store } = await import('../app/locks.ts')
  const store = await Store.open(config)
  try {
    return await work({ config, store })
  } finally {
    await store.close()
  }
}

function locksIn(store: LocksInStore): readonly Lock[] {
  const state = store.read()
  if (state.kind === 'known') return state.locks
  throw new UsageError(
    `${state.why} (${store.place.text}). Until that is mended everything is locked. To lift every lock: ssh-mcp-bridge locks reset; then add again what is still to be locked.`,
  )
}

async function add(options: AddOptions): Promise<void> {
  const on = lockTarget(options)
  const forMs = options.for === undefined ? undefined : durationMs('--for', options.for)
  await withLocks(options, async ({ config, store }) => {
    if (options.force !== true) checkName(on, config)
    if (store.place.isNew)
      complain(`warning: ${store.place.text} is new: is it the database of the bridge that you mean?`)
    locksIn(store)
    const reason = options.reason ?? NO_REASON
    const lock = await store.add({ on, reason, ...(forMs !== undefined && { forMs }) })
    tell(options, [lock])
    await tellWhetherTaken(store, [lock.id])
  })
}

async function remove(ids: readonly string[], options: Options): Promise<void> {
  await withLocks(options, async ({ store }) => {
    locksIn(store)
    const stranger = await store.remove(ids)
    if (stranger !== undefined)
      throw new UsageError(`no lock is ${JSON.stringify(stranger)} in ${store.place.text}`)
    if (options.json) say(printableJson({ removed: ids }))
    else for (const id of ids) say(`${id}\tlifted`)
    await tellWhetherTaken(store, ids)
  })
}

async function reset(store: LocksInStore, options: Options & { readonly yes?: boolean }): Promise<ExitCode> {
  if (options.yes !== true) {
    const state = store.read()
    if (state.kind !== 'known') complain(`Nobody can tell what is locked in ${store.place.text}.`)
    else for (const lock of state.locks) complain(lockLine(lock))
    const isMeant = await askYes('Lift every lock')
    if (isMeant !== true) {
      complain(
        `Nothing was lifted.${isMeant === undefined ? ' To lift every lock without a question: --yes' : ''}`,
      )
      return 1
    }
  }
  await store.reset()
  if (options.json) say(printableJson({ locks: [] }))
  else say('Nothing is locked any more.')
  return 0
}

/** On standard error: what is printed stays what was asked for. */
async function tellWhetherTaken(store: LocksInStore, ids: readonly string[]): Promise<void> {
  const { text } = store.place
  if (await store.isTakenUp(ids)) complain(`In ${text}, and a running bridge has taken it up.`)
  else complain(`In ${text}. No running bridge has taken it up; one that starts will.`)
}

/** A name that is mistyped would lock nothing, and nobody would notice. */
function checkName(on: LockTarget, { hosts, server }: Config): void {
  const known =
    on.kind === 'host'
      ? hosts.filter(({ isHop }) => isHop !== true).map(({ host }): string => host.name)
      : server.auth.apiKeys.map(({ name }) => name)
  const name = on.kind === 'host' ? on.host : on.kind === 'api_key' ? on.name : undefined
  if (name === undefined || known.includes(name)) return
  const what = on.kind === 'host' ? 'host' : 'API key'
  const others = known.length > 0 ? `there are: ${known.join(', ')}` : 'there is none'
  throw new UsageError(
    `no ${what} is named ${JSON.stringify(name)}; ${others}. --force locks it all the same`,
  )
}

function tell({ json }: Options, shown: readonly Lock[]): void {
  if (json) {
    say(printableJson({ locks: shown.map(wireLock) }))
    return
  }
  if (shown.length === 0) say('Nothing is locked.')
  for (const lock of shown) say(lockLine(lock))
}

function lockLine({ id, on, expiresAt, by, reason }: Lock): string {
  const until = expiresAt === undefined ? 'until it is removed' : `until ${expiresAt.toISOString()}`
  return [id, targetText(on), until, by, reason].map(printable).join('\t')
}
