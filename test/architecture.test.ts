import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, normalize, posix, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The house: who may import whom. A room always knows itself. `app` and `main` stand above the rooms. */
const ROOMS: Record<string, readonly string[]> = {
  lib: [],
  domain: ['lib'],
  policy: ['domain', 'lib'],
  evidence: ['domain', 'lib'],
  pipeline: ['policy', 'domain', 'lib'],
  config: ['clients', 'policy', 'domain', 'lib'],
  ssh: ['policy', 'domain', 'lib'],
  store: ['evidence', 'policy', 'domain', 'lib'],
  telemetry: ['outbound', 'pipeline', 'policy', 'domain', 'lib'],
  outbound: ['domain', 'lib'],
  sinks: ['outbound', 'domain', 'lib'],
  clients: ['lib'],
  oauth: ['outbound', 'domain', 'lib'],
  authserver: ['outbound', 'clients', 'domain', 'lib'],
  doctor: ['config', 'oauth', 'outbound', 'clients', 'policy', 'domain', 'lib'],
  http: ['oauth', 'clients', 'pipeline', 'policy', 'domain', 'lib'],
  mcp: ['http', 'oauth', 'pipeline', 'policy', 'domain', 'lib'],
  api: ['http', 'oauth', 'pipeline', 'policy', 'domain', 'lib'],
  console: ['http', 'oauth', 'pipeline', 'policy', 'domain', 'lib'],
  cli: ['evidence', 'app', 'config', 'doctor', 'clients', 'http', 'pipeline', 'policy', 'domain', 'lib'],
  app: [
    'evidence',
    'outbound',
    'sinks',
    'clients',
    'doctor',
    'config',
    'ssh',
    'store',
    'telemetry',
    'oauth',
    'authserver',
    'http',
    'mcp',
    'api',
    'console',
    'pipeline',
    'policy',
    'domain',
    'lib',
  ],
  main: ['cli', 'lib'],
}

/** Each vendor library lives in the rooms named here and nowhere else. */
const VENDORS: Record<string, readonly string[]> = {
  ssh2: ['ssh'],
  libsql: ['store'],
  pg: ['store'],
  jose: ['oauth'],
  'oidc-provider': ['authserver'],
  'openid-client': ['authserver', 'console'],
  '@node-rs/argon2': ['authserver'],
  '@modelcontextprotocol/server': ['mcp'],
  hono: ['http', 'mcp', 'api', 'oauth', 'console'],
  '@hono/node-server': ['http'],
  diff: ['ssh', 'cli'],
  yaml: ['config'],
  zod: ['config', 'mcp', 'api', 'console'],
  'prom-client': ['telemetry'],
  re2js: ['policy', 'pipeline', 'ssh'],
  unbash: ['policy'],
  '@xterm/headless': ['ssh'],
  commander: ['cli'],
}

/** Of a room, only files of these names import the vendor: what it cannot be replaced for is seen in a list of files. */
const VENDOR_FILES: Record<string, RegExp> = {
  ssh2: /^src\/ssh\/(?:[^/]+\/)*ssh2-[^/]+\.ts$|^src\/ssh\/embedded\//,
  '@xterm/headless': /^src\/ssh\/terminal\/emulator\.ts$/,
}

/** Files outside 20–250 lines, each with its reason. */
const SIZE_EXCEPTIONS: Record<string, string> = {
  'src/app/credential-text.ts': 'one sentence for each kind',
  'src/config/check-address.ts': 'one check, of many keys',
  'src/app/whole-audit.ts': 'one question, for the demo',
  'src/lib/never.ts': 'one function; every switch in the house ends in it',
  'src/lib/grouped.ts': 'one function that a newer Node.js has by itself',
  'src/domain/log.ts': 'a port of four methods',
  'src/domain/progress.ts': 'a port of one function',
  'src/mcp/tools/cancel-command.ts': 'a tool with one argument',
  'src/ssh/run/into-sink.ts': 'two streams into one sink',
  'src/pipeline/approvals/standing.ts': 'a port, and what has changed',
  'src/ssh/out-of-reach.ts': 'two answers',
  'src/lib/version.ts': 'one constant',
  'src/lib/source-of.ts': 'one function',
  'src/app/offered-scopes.ts': 'one question, for those above the rooms',
  'src/clients/claude-desktop.ts': 'a client with one file and no way of its own over HTTP',
  'src/cli/read-config.ts': 'which file, and what without one',
  'src/main.ts': 'argv → command, nothing else',
}

/** Files that import each other in a circle, sorted, and why they may. There is no other circle, not even of types. */
const CIRCLES: readonly { readonly files: readonly string[]; readonly why: string }[] = [
  {
    files: [
      'src/policy/shell/walk-command.ts',
      'src/policy/shell/walk-compound.ts',
      'src/policy/shell/walk-lists.ts',
      'src/policy/shell/walk.ts',
    ],
    why: 'a shell command holds lists that hold commands: they call each other as its grammar does',
  },
]

const MINTS = ['src/pipeline/perform.ts', 'src/pipeline/resume.ts', 'src/pipeline/transfer-links.ts']

function filesIn(top: string): string[] {
  return readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => `${top}/${path.split('\\').join('/')}`)
    .sort()
}

const files = filesIn('src')
const productFiles = files.filter((path) => !path.endsWith('.test.ts'))

function roomOf(path: string): string {
  const [, second = ''] = path.split('/')
  return second.endsWith('.ts') ? second.slice(0, -'.ts'.length) : second
}

function importsOf(path: string): string[] {
  return importsIn(readFileSync(path, 'utf8'))
}

function importsIn(source: string): string[] {
  const text = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const specifiers = [...text.matchAll(/(?:^|[\s(<[])(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  return specifiers.filter((specifier) => specifier !== '')
}

function placeOf(specifier: string, path: string): string {
  return posix.normalize(posix.join(dirname(path), specifier))
}

/** Each set of files that come back to themselves through one another. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...imports.keys()].map((path) => [path, reachOf(path, imports)]))
  const circles = new Map<string | undefined, string[]>()
  for (const [path, reach] of reached) {
    if (!reach.has(path)) continue
    const circle = [...reach].filter((other) => reached.get(other)?.has(path)).sort()
    circles.set(circle[0], circle)
  }
  return [...circles.values()].sort()
}

function reachOf(path: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reach = new Set(imports.get(path))
  // What is added on the way is visited too.
  for (const one of reach) for (const next of imports.get(one) ?? []) reach.add(next)
  return reach
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('the house', () => {
  test('every folder is a room of the table', () => {
    const unknown = files.filter((path) => !(roomOf(path) in ROOMS))
    expect(unknown).toEqual([])
  })

  test.each(productFiles)('%s imports only what its room may know', (path) => {
    const room = roomOf(path)
    const allowed = new Set([room, ...(ROOMS[room] ?? [])])
    const wrong = importsOf(path)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => roomOf(placeOf(specifier, path)))
      .filter((target) => !allowed.has(target))
    expect(wrong, `${room} may import ${[...allowed].join(', ')}`).toEqual([])
  })

  test.each(productFiles)('%s imports vendors only in their room', (path) => {
    const wrong = importsOf(path)
      .filter(
        (specifier) =>
          !specifier.startsWith('.') && !specifier.startsWith('node:') && !builtinModules.includes(specifier),
      )
      .map(packageOf)
      .filter((vendor) => !VENDORS[vendor]?.includes(roomOf(path)))
    expect(wrong).toEqual([])
  })

  test.each(Object.entries(VENDOR_FILES))(
    '%s is imported only by the files that are named for it',
    (vendor, name) => {
      const importing = productFiles.filter((path) => importsOf(path).map(packageOf).includes(vendor))
      expect(importing).not.toEqual([])
      expect(importing.filter((path) => !name.test(path))).toEqual([])
    },
  )

  test('no file comes back to itself through what it imports, not even for types', () => {
    const all = ['src', 'web', 'bench', 'test', 'scripts'].flatMap(filesIn)
    const imports = new Map(all.map((path) => [path, importsOf(path).map((one) => placeOf(one, path))]))
    expect(circlesIn(imports)).toEqual(CIRCLES.map(({ files }) => files))
  })

  test('a circle is found wherever it is, and what only leads to it or away from it is no part of it', () => {
    const source = `import type { B } from './b.ts'\nexport { c } from './c.ts'\nawait Promise.all([import('./d.ts')])\n`
    expect(importsIn(source)).toEqual(['./b.ts', './c.ts', './d.ts'])
    const graph = {
      x: ['a', 'e'],
      a: ['b'],
      b: ['c'],
      c: ['a', 'y'],
      y: [],
      e: ['f'],
      f: ['e', 'a'],
      g: ['g'],
    }
    expect(circlesIn(new Map(Object.entries(graph)))).toEqual([['a', 'b', 'c'], ['e', 'f'], ['g']])
  })

  test.each(productFiles)('%s is a room one can see from the door: 20 to 250 lines', (path) => {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').length
    const fits = lines >= 20 && lines <= 250
    expect(fits || path in SIZE_EXCEPTIONS, `${path} has ${lines} lines`).toBe(true)
  })

  test('an exception is kept only while it is needed', () => {
    const stale = Object.keys(SIZE_EXCEPTIONS).filter((path) => {
      const known = productFiles.includes(normalize(path))
      const lines = known ? readFileSync(path, 'utf8').trimEnd().split('\n').length : 0
      return !known || (lines >= 20 && lines <= 250)
    })
    expect(stale).toEqual([])
  })

  test('time and chance come through their doors', () => {
    const doors = new Set(['src/lib/clock.ts', 'src/lib/ids.ts'])
    const offenders = productFiles.filter(
      (path) => !doors.has(path) && usesTimeOrChance(readFileSync(path, 'utf8')),
    )
    expect(offenders.map((path) => relative('.', path))).toEqual([])
  })

  test('zod is imported as a namespace, or all of it, its languages too, is read at every start', () => {
    const whole = productFiles.filter((path) =>
      /import (?!(?:type )?\* as z )[^\n]* from 'zod'/.test(readFileSync(path, 'utf8')),
    )
    expect(whole).toEqual([])
  })

  test('a permit is minted where a call is decided, and where a command or a link is taken up again that had one', () => {
    const minting = productFiles.filter((path) => /Permit\.for\(/.test(readFileSync(path, 'utf8')))
    expect(minting).toEqual(['src/domain/permit.ts', ...MINTS].filter((path) => minting.includes(path)))
    expect(minting).toEqual(expect.arrayContaining(MINTS))
  })
})

function usesTimeOrChance(text: string): boolean {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  return /\bDate\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\brandomBytes\(|\brandomUUID\(|\bnew Date\(\)|\bperformance\.now\(/.test(
    code,
  )
}
