import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import type { ClientFile, McpClient } from '../../clients/client.ts'
import { CLIENTS } from '../../clients/list.ts'
import type { Config } from '../../config/config.ts'
import { systemClock } from '../../lib/clock.ts'
import { say, UsageError } from '../command.ts'
import { pathOf, shownPath } from '../connect/places.ts'
import { planConnection } from '../connect/plan.ts'
import { reportOf } from '../connect/report.ts'
import { writeEntry } from '../connect/write-entry.ts'
import { type Questions, readSome } from './question.ts'

/** The clients of this machine that can use the bridge are told about it, as `connect --write` does. Resolves to what each wants next. */
export async function tellClients(
  config: Config,
  configPath: string,
  questions: Questions,
  given: string | undefined,
): Promise<readonly string[]> {
  const found = Object.values(CLIENTS).filter((client) => isInstalled(client) && canUse(client, config))
  if (found.length === 0) return []
  say('Clients on this machine, whose files are copied before:')
  const width = Math.max(...found.map(({ title }) => title.length))
  for (const [index, { title, files }] of found.entries())
    say(
      `  ${String(index + 1).padStart(3)}  ${title.padEnd(width)}  ${files[0] ? shownPath(pathOf(files[0])) : ''}`,
    )
  const ids = found.map(({ id }) => id)
  const wanted = await questions.ask({
    text:
      found.length === 1
        ? `Tell ${found[0]?.title} about the bridge? (yes, no)`
        : `Which are told about the bridge? (all, none, or of ${ids.join(', ')})`,
    option: '--connect',
    given,
    fallback: found.length === 1 ? 'yes' : 'all',
    read: readSome(ids),
  })
  const { offeredScopes } = await import('../../app/offered-scopes.ts')
  const bridge = { config, configPath, scopes: offeredScopes(config) }
  const next: string[] = []
  for (const client of found.filter(({ id }) => wanted.includes(id))) {
    const sentence = await tellOne(client, bridge).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error
      say(`  ✘ ${client.title}: ${error.message}`)
    })
    if (sentence !== undefined) next.push(sentence)
  }
  return next
}

async function tellOne(client: McpClient, bridge: Parameters<typeof planConnection>[1]): Promise<string> {
  const connection = planConnection(client, bridge, { name: 'ssh' })
  const { configuration, files, next } = reportOf(connection, bridge.configPath)
  const [file] = connection.files
  if (configuration === undefined || file === undefined) throw new UsageError('it has no file that is known')
  const { entry } = configuration
  const path = files[0]?.path ?? pathOf(file)
  const written = await writeEntry({ path, file, name: connection.name, entry, replace: false }, systemClock)
  const copy = written.backup === undefined ? '' : `; before: ${shownPath(written.backup)}`
  const done = written.changed ? `written to ${shownPath(written.path)}${copy}` : 'knew it already'
  say(`  ✔ ${client.title}: ${done}`)
  return next
}

function canUse({ transports, apiKey, signIn }: McpClient, { server }: Config): boolean {
  if (!server.enableHttp) return transports.includes('stdio')
  const { oauth, apiKeys } = server.auth
  const canShowWho =
    (oauth !== undefined && signIn !== undefined) || (apiKeys.length > 0 && apiKey !== undefined)
  return transports.includes('http') && canShowWho
}

/** Its file is there, or the folder that only it has, or its program. */
function isInstalled({ files, commandLine }: McpClient): boolean {
  const own = files.filter(({ scope }) => scope === 'user')
  if (own.some(isThere)) return true
  const [program] = commandLine?.words({ name: 'ssh', server: NOTHING }) ?? []
  return own.length > 0 && program !== undefined && isOnPath(program)
}

const NOTHING = { transport: 'stdio', command: '', args: [] } as const

function isThere(file: ClientFile): boolean {
  const path = pathOf(file)
  const folder = dirname(path)
  return existsSync(path) || (folder !== process.env.HOME && existsSync(folder))
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })
}
