import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { importedPackages } from '../scripts/shipped-packages.mjs'
import { ENVIRONMENT } from '../src/config/environment.ts'
import { configJsonSchema } from '../src/config/json-schema.ts'
import { loadCases } from '../src/config/load-cases.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { ERRORS } from '../src/domain/errors.ts'
import { REFUSALS } from '../src/oauth/refusals.ts'
import { CALL_VARIABLE, USER_VARIABLE } from '../src/ssh/run/attribution.ts'
import { COMMAND_VARIABLE } from '../src/ssh/run/channel.ts'
import { anchorsOf, codeOf, type Fence, fencesOf, linksOf, PAGES, proseOf } from './kit/markdown.ts'
import { makePerson, type Person } from './kit/person.ts'
import { PROGRAM, type Product, startProduct } from './kit/product.ts'
import { type Sshd, startSshd } from './kit/sshd.ts'

const FENCES = PAGES.flatMap(fencesOf)
const named = (fences: readonly Fence[]) =>
  fences.map((fence) => [`${fence.page}:${fence.line}`, fence] as const)
const KEY = 'smb_only_for_this_test'

let sshd: Sshd
let person: Person

beforeAll(async () => {
  sshd = await startSshd()
  person = makePerson(sshd)
})

afterAll(async () => {
  person?.remove()
  await sshd?.stop()
})

describe('the documents', () => {
  test.each(PAGES)('%s links only to files and headings that exist', (page) => {
    const broken = linksOf(page).filter((link) => {
      if (/^https?:/.test(link)) return false
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).has(anchor))
    })
    expect(broken).toEqual([])
  })

  test.each(named(FENCES.filter(({ info }) => info === 'yaml')))(
    '%s is a valid configuration',
    async (_, { text }) => {
      // What the complete example refers to.
      const env = {
        ...person.env,
        WEB_KEY_PASSPHRASE: 'open sesame',
        WEB_SUDO_PASSWORD: 'open sesame too',
        BUILD_PASSWORD: 'open barley',
        BUILD_TOTP_SECRET: 'JBSWY3DPEHPK3PXP',
        SWITCH_PASSWORD: 'open rye',
        BACKUP_JOB_KEY_SHA256: sha256(KEY),
        DATABASE_PASSWORD: 'of-the-database',
        UPSTREAM_SECRET: 'open poppy',
        SIEM_SECRET: 'open poppy, open tulip, open rose',
        OTLP_AUTH: 'Bearer open-poppy',
      }
      const loaded = await loadConfig(person.write('config.yaml', text), env)
      expect(loaded.ok ? [] : loaded.problems).toEqual([])
    },
  )

  test.each(named(FENCES.filter(({ info }) => info === 'yaml fragment')))(
    '%s uses keys that exist',
    (_, { text }) => {
      const known = new Set(configKeys().flatMap((path) => path.split('.')))
      expect(keysIn(parse(text)).filter((key) => !known.has(key))).toEqual([])
    },
  )

  test.each(named(FENCES.filter(({ info }) => info === 'json')))('%s is JSON', (_, { text }) => {
    expect(() => JSON.parse(text)).not.toThrow()
  })

  /** They look like keys of the sections of the same name. */
  const AUDIT_EVENTS = new Set(
    [...readFileSync('docs/AUDIT.md', 'utf8').matchAll(/^## `([a-z_.]+)`$/gm)].map((match) => match[1] ?? ''),
  )

  test.each(PAGES)('%s names only configuration keys that exist', (page) => {
    const known = new Set(configKeys())
    const sections = new Set([...known].map((path) => path.split('.')[0]))
    const unknown = codeOf(page)
      .map((code) => code.replace(/: .*$/, ''))
      .filter((code) => /^[a-z_]+(\.[a-z_]+)+$/.test(code) && sections.has(code.split('.')[0]))
      .filter((code) => !known.has(code) && !AUDIT_EVENTS.has(code))
    expect(unknown).toEqual([])
  })

  test.each(named(FENCES.filter(({ info }) => info === 'yaml cases')))(
    '%s is a list of cases',
    async (_, { text }) => {
      const loaded = await loadCases(person.write('cases.yaml', text))
      expect(loaded.ok ? [] : loaded.problems).toEqual([])
    },
  )

  test('every command that is named exists, with its options', () => {
    const shell = FENCES.filter(({ info }) => info === 'sh' || info.startsWith('sh ')).map(({ text }) => text)
    const text = [
      ...FENCES.filter(({ info }) => info === 'json').flatMap(({ text }) => startedIn(JSON.parse(text))),
      ...shell.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')),
      ...PAGES.flatMap(codeOf),
    ]
    const wrong = text.flatMap((line) => commandsIn(line)).filter((named) => !isCommand(named))
    expect(wrong).toEqual([])
    // Asks each command for its help, in a process of its own.
  })

  test('every environment variable of the bridge that is named exists', () => {
    const texts = [...PAGES.map((page) => readFileSync(page, 'utf8')), readFileSync('Dockerfile', 'utf8')]
    const variables = texts.flatMap(
      (text) => text.match(/\b(?:SSH_MCP_[A-Z_]+|IDP_[A-Z_]+|AUTH_MODE)\b/g) ?? [],
    )
    expect(variables.length).toBeGreaterThan(10)
    const ofCommands = [COMMAND_VARIABLE, CALL_VARIABLE, USER_VARIABLE]
    expect(variables.filter((name) => !(name in ENVIRONMENT) && !ofCommands.includes(name))).toEqual([])
  })

  test('every metric that is named is one that is measured', async () => {
    const measured = readFileSync('docs/METRICS.md', 'utf8')
    const metricNames = codeOf('docs/OPERATIONS.md').filter((code) => code.startsWith('ssh_mcp_bridge_'))
    expect(new Set(metricNames).size).toBeGreaterThan(5)
    expect(metricNames.filter((name) => !measured.includes(`| \`${name}\` |`))).toEqual([])
  })

  test('every reason of the troubleshooting table is one that the audit can hold', () => {
    const reasons = PAGES.flatMap((page) => [...proseOf(page).matchAll(/reasons? ((?:`\w+`(?: or |, )?)+)/g)])
      .flatMap((match) => [...(match[1] ?? '').matchAll(/\w+(?=`)/g)])
      .map((match) => match[0])
    expect(reasons.length).toBeGreaterThan(5)
    expect(reasons.filter((reason) => !(reason in REFUSALS))).toEqual([])
  })

  test('the tables of limits say what the configuration says', () => {
    const rows = ['OPERATIONS', 'COMMANDS', 'FILES'].flatMap((page) => [
      ...readFileSync(`docs/${page}.md`, 'utf8').matchAll(
        /^\| [^|]+ \| (`(?:limits|session|commands|fan_out|files)\.[^|]+) \| ([^|]+) \|$/gm,
      ),
    ])
    const schema = defaultsOf(configJsonSchema())
    const written = rows.flatMap(([, keys = '', values = '']) => {
      const amounts = values.split(', ')
      return [...keys.matchAll(/`([^`]+)`/g)].map(
        (key, index) => [key[1] ?? '', amountOf(amounts[index] ?? '')] as const,
      )
    })
    expect(written.length).toBeGreaterThan(30)
    for (const [key, amount] of written) expect([key, schema.get(key)]).toEqual([key, amount])
  })

  test('ARCHITECTURE shows the import table that is executed', () => {
    const source = readFileSync('test/architecture.test.ts', 'utf8')
    const table = /const ROOMS[^{]+\{([\s\S]*?)\n\}/.exec(source)?.[1] ?? ''
    const executed = [...table.matchAll(/^ {2}(\w+): \[([^\]]*)\]/gm)].map(([, room = '', list = '']) => {
      const rooms = [...list.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '')
      return [room, room === 'app' ? ['every room but `cli` and `main`'] : rooms]
    })
    const rows = [
      ...readFileSync('docs/ARCHITECTURE.md', 'utf8').matchAll(/^\| `(\w+)` \|.*\| ([^|]+) \|$/gm),
    ]
    const shown = rows.map(([, room = '', list = '']) => {
      const rooms = room === 'app' ? [list] : [...list.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '')
      return [room, rooms]
    })
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(executed))
  })

  test('ARCHITECTURE says of every folder what it is', () => {
    const page = readFileSync('docs/ARCHITECTURE.md', 'utf8')
    const named = new Set(
      [...page.matchAll(/^\| ((?:`[\w/.-]+`(?:, )?)+) \|/gm)].flatMap(
        (row) => row[1]?.match(/[\w/.-]+/g) ?? [],
      ),
    )
    const folders = ['src', 'web'].flatMap((top) =>
      readdirSync(top, { recursive: true, encoding: 'utf8' })
        .map((path) => `${top}/${path}`)
        .filter((path) => statSync(path).isDirectory()),
    )
    // Folders of a page of the console are called as the page is.
    const isNamed = (path: string) =>
      [path, path.replace(/^src\//, ''), path.replace(/^src\/ssh\//, '')].some((name) => named.has(name)) ||
      path.startsWith('web/console/pages/')
    expect(folders.filter((path) => !isNamed(path))).toEqual([])
  })

  test('COMMANDS tells every state that a command can have, and no other', () => {
    const source = readFileSync('src/domain/command.ts', 'utf8')
    const union = /type CommandState =([\s\S]*?)\n\n/.exec(source)?.[1] ?? ''
    const states = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1])
    const page = readFileSync('docs/COMMANDS.md', 'utf8')
    const reserved =
      /^((?:`\w+`(?:, | and )?)+) are of commands that/m.exec(page)?.[1]?.match(/\w+(?=`)/g) ?? []
    const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map((match) => match[1] ?? '')
    expect(states.length).toBeGreaterThan(5)
    expect([...rows.slice(0, states.length - reserved.length), ...reserved].sort()).toEqual(states.sort())
  })

  test('what the file tools refuse has codes that exist', () => {
    const rows = [...readFileSync('docs/FILES.md', 'utf8').matchAll(/^\| [^|]+ \| `(\w+)` \| [^|]+ \|$/gm)]
    expect(rows.length).toBeGreaterThan(5)
    expect(rows.map((row) => row[1] ?? '').filter((code) => !(code in ERRORS))).toEqual([])
  })

  test('the variables that the image sets are those that DOCKER names', () => {
    const image =
      /^ENV NODE_ENV=production \\\n((?:.*\\\n)*.*)/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? ''
    const page = readFileSync('docs/DOCKER.md', 'utf8')
    const set = [...image.matchAll(/(\w+)=(\S+)/g)]
    expect(set).toHaveLength(5)
    for (const [, name, value] of set) {
      expect(page).toContain(`\`${name}\``)
      expect(page).toContain(`\`${value}\``)
    }
  })

  test('every decision is in the list of decisions', () => {
    const decisions = PAGES.filter((page) => /^docs\/decisions\/(?!README)/.test(page))
    const listed = linksOf('docs/decisions/README.md').map((link) => `docs/decisions/${link}`)
    expect(decisions.filter((page) => !listed.includes(page))).toEqual([])
  })

  test('the decision about dependencies names each with its version, bundled or not', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const page = readFileSync('docs/decisions/runtime-dependencies.md', 'utf8')
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (\S+) \|/gm)]
    const pinned = { ...dependencies, ...devDependencies }
    for (const [, name = '', version] of rows) expect(version, name).toBe(pinned[name])
    const named = new Set(rows.map(([, name]) => name))
    const shipped = [...Object.keys(dependencies), ...importedPackages()]
    expect(shipped.filter((name) => !named.has(name))).toEqual([])
  })
})

describe('what the documents have one type', () => {
  const blocks = FENCES.filter(({ info }) => info === 'sh test')
  let product: Product

  beforeAll(async () => {
    const page = fencesOf('docs/QUICKSTART.md').find(({ text }) => text.includes('api_keys:'))
    const configPath = person.write('config.yaml', (page?.text ?? '').replace(/0{64}/, sha256(KEY)))
    product = await startProduct({ configPath }, { env: person.env })
  })

  afterAll(() => product?.stop())

  test.each(named(blocks))('%s works as it stands', async (_, { text }) => {
    const script = text.replaceAll('http://127.0.0.1:8080', product.url)
    const env = { ...person.env, BRIDGE_KEY: KEY }
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env })
    expect(stdout).not.toContain('"error"')
    expect(stdout).toMatch(/"status":"healthy"|"web-server"|^401$/m)
  })
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

interface NamedCommand {
  readonly words: readonly string[]
  readonly options: readonly string[]
  /** A configuration, or a file of another kind, is given as an argument. */
  readonly hasConfig: boolean
}

/** `ssh-mcp-bridge hosts trust NAME --x` → words hosts, trust; options --x. Not what only looks like it: a path, an image, a service. */
function commandsIn(line: string): NamedCommand[] {
  return [...line.matchAll(/(?:^|[\s`"(])ssh-mcp-bridge((?: [^\s|&;>)"`]+)+)/g)].flatMap((match) => {
    const parts = (match[1] ?? '').trim().split(' ')
    const options = parts.filter((part) => /^--[a-z]/.test(part)).map((part) => part.replace(/=.*/, ''))
    // `ssh-mcp-bridge audit checkpoint v1` is how a signed text begins.
    if (/^v\d+$/.test(parts.at(-1) ?? '')) return []
    const words = parts.slice(0, parts.findIndex((part) => !/^[a-z][a-z-]*$/.test(part)) >>> 0)
    const isOfOption = (index: number) => ['--config', '--rules'].includes(parts[index - 1] ?? '')
    const hasConfig = parts.some((part, index) => part.endsWith('.yaml') && !isOfOption(index))
    return words.length > 0 || options.length > 0 ? [{ words, options, hasConfig }] : []
  })
}

/** The command lines of a client's configuration that start the bridge. */
function startedIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { command, args } = value as { command?: unknown; args?: unknown }
  if (command === 'ssh-mcp-bridge' && Array.isArray(args)) return [`ssh-mcp-bridge ${args.join(' ')}`]
  return Object.values(value).flatMap(startedIn)
}

const HELP = new Map<string, string>()

function helpOf(words: readonly string[]): string {
  const known = HELP.get(words.join(' '))
  if (known !== undefined) return known
  const text = execFileSync(process.execPath, [PROGRAM, ...words, '--help'], { encoding: 'utf8' })
  HELP.set(words.join(' '), text)
  return text
}

const subcommandsOf = (words: readonly string[]) =>
  [...(/^Commands:\n([\s\S]*)/m.exec(helpOf(words))?.[1] ?? '').matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(
    (match) => match[1],
  )

function isCommand({ words, options, hasConfig }: NamedCommand): boolean {
  const [command, word] = words
  if (command !== undefined && !subcommandsOf([]).includes(command)) return false
  const isGroup = command !== undefined && subcommandsOf([command]).some((name) => name !== 'help')
  if (isGroup && (word === undefined || !subcommandsOf([command]).includes(word)))
    return options.includes('--help')
  const path = isGroup ? [command, word ?? ''] : command === undefined ? ['serve'] : [command]
  const known = `${helpOf(path)}${command === undefined ? helpOf([]) : ''}`
  return options.every((option) => known.includes(option)) && (!hasConfig || /\[config\]|<file>/.test(known))
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly default?: unknown
}

/** Every key as a path: `server.oauth.issuer`, `hosts.name`. */
function configKeys(): string[] {
  return [...walk(configJsonSchema() as Schema)].map(([path]) => path)
}

function defaultsOf(schema: unknown): Map<string, unknown> {
  return new Map([...walk(schema as Schema)].map(([path, { default: value }]) => [path, value]))
}

function* walk(schema: Schema, above = ''): Generator<readonly [string, Schema]> {
  for (const [key, inner] of Object.entries(schema.properties ?? schema.items?.properties ?? {})) {
    const path = above === '' ? key : `${above}.${key}`
    yield [path, inner]
    yield* walk(inner, path)
  }
}

function keysIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)])
}

/** `64 KiB`, `60 s`, `1000` as the number that the configuration holds. */
function amountOf(text: string): number {
  const [number = '', unit] = text.trim().split(' ')
  return Number(number) * ({ KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[unit ?? ''] ?? 1)
}
