import type { Command } from 'commander'
import type { LocksOnDisk } from '../app/locks.ts'
import type { Config } from '../config/config.ts'
import { type Lock, type LockTarget, NO_REASON } from '../domain/lock.ts'
import { printable, printableJson } from '../lib/printable.ts'
import { wireLock } from '../pipeline/wire-lock.ts'
import { type CliCommand, complain, say, UsageError } from './command.ts'
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
        const { disk } = await openLocks(options)
        tell(options, locksIn(disk))
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
  },
}

function common(command: Command): Command {
  return withConfig(command).option('--json', 'print JSON')
}

async function openLocks(options: Options): Promise<{ config: Config; disk: LocksOnDisk }> {
  const config = await configOf(options)
  const { LocksOnDisk: Disk } = await import('../app/locks.ts')
  return { config, disk: new Disk(config) }
}

function locksIn(disk: LocksOnDisk): readonly Lock[] {
  const state = disk.read()
  if (state.kind === 'known') return state.locks
  throw new UsageError(
    `${state.why}. Until that is mended everything is locked. To lift every lock, move it away: mv ${disk.path} ${disk.path}.damaged; then add again what is still to be locked.`,
  )
}

async function add(options: AddOptions): Promise<void> {
  const on = lockTarget(options)
  const forMs = options.for === undefined ? undefined : durationMs('--for', options.for)
  const { config, disk } = await openLocks(options)
  if (options.force !== true) checkName(on, config)
  if (disk.isNew)
    complain(`warning: ${disk.path} is in a new directory: is it the one of the bridge that you mean?`)
  locksIn(disk)
  const reason = options.reason ?? NO_REASON
  const lock = await disk.add({ on, reason, ...(forMs !== undefined && { forMs }) })
  tell(options, [lock])
  await tellWhetherTaken(disk, [lock.id])
}

async function remove(ids: readonly string[], options: Options): Promise<void> {
  const { disk } = await openLocks(options)
  locksIn(disk)
  const stranger = await disk.remove(ids)
  if (stranger !== undefined) throw new UsageError(`no lock is ${JSON.stringify(stranger)} in ${disk.path}`)
  if (options.json) say(printableJson({ removed: ids }))
  else for (const id of ids) say(`${id}\tlifted`)
  await tellWhetherTaken(disk, ids)
}

/** On standard error: what is printed stays what was asked for. */
async function tellWhetherTaken(disk: LocksOnDisk, ids: readonly string[]): Promise<void> {
  if (await disk.isTakenUp(ids)) complain(`In ${disk.path}, and a running bridge has taken it up.`)
  else complain(`In ${disk.path}. No running bridge has taken it up; one that starts will.`)
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
  for (const { id, on, expiresAt, by, reason } of shown) {
    const until = expiresAt === undefined ? 'until it is removed' : `until ${expiresAt.toISOString()}`
    say([id, targetText(on), until, by, reason].map(printable).join('\t'))
  }
}
