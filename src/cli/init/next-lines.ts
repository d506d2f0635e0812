import { resolve } from 'node:path'
import process from 'node:process'
import type { Config } from '../../config/config.ts'
import { shellWord } from '../../config/file-mode.ts'
import { shownPath } from '../connect/places.ts'
import type { Way } from './ways.ts'

export interface Written {
  readonly path: string
  readonly config: Config
  readonly way: Way
  /** What clients that were told want next. */
  readonly told: readonly string[]
  /** At which the first person chooses a password. */
  readonly link: string | undefined
}

/** What to type next: three lines. */
export function nextLines({ path, config, way, told, link }: Written): string[] {
  const program = /[\\/]_npx[\\/]/.test(process.argv[1] ?? '') ? 'npx ssh-mcp-bridge' : 'ssh-mcp-bridge'
  const isUsual = path === resolve('config.yaml')
  const file = isUsual ? 'config.yaml' : shellWord(shownPath(path))
  const named = isUsual ? '' : ` --config ${file}`
  const [host] = config.hosts.filter(({ host: { tags } }) => !tags.includes('hop'))
  const question = `ask: check uptime and disk on ${host?.host.name ?? 'one of the hosts'}`
  const doctor: Line = [`${program} doctor ${file}`, 'when something does not work']
  const again: Line = [`${program} hosts test${named}`, 'tries the hosts again']
  const clients: Line = [`${program} connect`, 'lists the clients that can be told']
  if (way.by === 'stdio') {
    return laidOut([clientOf(told, question, clients), again, doctor])
  }
  const start: Line = [`${program} serve ${file}`, 'starts the bridge']
  if (link !== undefined)
    return laidOut([
      start,
      [`open ${link} and choose your password, within 24 hours`],
      clientOf(told, question, clients),
    ])
  if (way.by === 'api-key') {
    const key = shellWord(shownPath(`${path.replace(/\.ya?ml$/, '')}.api-key`))
    return laidOut([
      start,
      [`export BRIDGE_KEY="$(cat ${key})"`, 'for the client'],
      clientOf(told, question, clients),
    ])
  }
  return laidOut([start, clientOf(told, question, clients), doctor])
}

type Line = readonly [typed: string, why?: string]

function clientOf([sentence]: readonly string[], question: string, clients: Line): Line {
  return sentence === undefined ? clients : [`${sentence} Then ${question}`]
}

function laidOut(lines: readonly Line[]): string[] {
  const width = Math.max(...lines.map(([typed, why]) => (why === undefined ? 0 : typed.length)))
  const shown = lines.map(([typed, why]) => (why === undefined ? typed : `${typed.padEnd(width)}  # ${why}`))
  return ['', 'Next:', ...shown.map((line) => `  ${line}`)]
}
