import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NAUGHTY, NAUGHTY_NAMES, NAUGHTY_TEXTS, type Naughty } from './naughty.ts'
import { type Home, hostYaml, makeHome } from './product.ts'
import type { Sshd } from './sshd.ts'

/** What refers to a variable or a file would do so in a configuration, and descriptions have an end. */
export const DESCRIBED = NAUGHTY_TEXTS.filter(
  ({ shown }) => shown.length <= 1_024 && !shown.includes('${file:'),
)

/** A directory of a host with every piece in a file, as the name of a file and as the name of a directory. */
export interface NaughtyPlace {
  at(...parts: string[]): string
  /** The file below `contents` that holds it. They are in the order of the pieces. */
  contentOf(one: Naughty): string
  remove(): void
}

/** Below `contents` by number; below `names` and `dirs` by itself, each with itself inside. */
export function makeNaughtyPlace(): NaughtyPlace {
  const place = mkdtempSync(join(tmpdir(), 'bridge-naughty-'))
  const at = (...parts: string[]) => join(place, ...parts)
  const named = (folder: string, { bytes }: Naughty, more = '') =>
    Buffer.concat([Buffer.from(`${at(folder)}/`), bytes, Buffer.from(more)])
  const contentOf = (one: Naughty) => at('contents', String(NAUGHTY.indexOf(one) + 100))
  for (const folder of ['contents', 'names', 'dirs']) mkdirSync(at(folder))
  for (const one of NAUGHTY) writeFileSync(contentOf(one), one.bytes)
  for (const one of NAUGHTY_NAMES) {
    writeFileSync(named('names', one), one.bytes)
    mkdirSync(named('dirs', one))
    writeFileSync(named('dirs', one, '/inside'), one.bytes)
  }
  return { at, contentOf, remove: () => rmSync(place, { recursive: true, force: true }) }
}

/** The names in a directory with what is in the files of these names, byte by byte. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { encoding: 'buffer' })
    .map((name) => {
      const content = readFileSync(Buffer.concat([Buffer.from(`${directory}/`), name]))
      return `${name.toString('hex')} ${content.toString('hex')}`
    })
    .sort()
}

/** `web`, `asks`, where all waits for approval, a shell host for each of `doors`, and a host for each description. */
export async function naughtyHome(
  sshd: Sshd,
  key: string,
  doors: readonly string[],
  logFormat: 'text' | 'json',
): Promise<Home> {
  const home = await makeHome()
  const described = DESCRIBED.map(({ bytes }, index) =>
    hostYaml(`described-${index}`, sshd, { description: asciiJson(`${bytes}`) }),
  )
  const log = `log_level: DEBUG, log_format: ${logFormat}, log_file: ${join(home.directory, 'bridge.log')}`
  home.configure(`
server: {api_key: ${key}, ${log}}
limits: {calls_per_minute: 100000}
approvals: {max_waiting: 1000}
rules:
  - {name: ask, hosts: [asks], effect: approve, self_approve: true}
  - {name: rest, effect: allow}
hosts:
${['web', 'asks'].map((name) => hostYaml(name, sshd, { terminal: 'true' })).join('')}
${doors.map((door) => hostYaml(`shell-${door}`, sshd, { execution_mode: 'shell' })).join('')}
${described.join('')}`)
  return home
}

/** JSON of ASCII alone, which is YAML too. */
function asciiJson(text: string): string {
  const code = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, code)
}
