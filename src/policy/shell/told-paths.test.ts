import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { SHELLS, type ShellName, shellPath } from '../../../test/kit/session-shells.ts'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import type { CommandPart } from '../understanding.ts'
import { understand } from './understand.ts'

/** As many as take a second. More were tried. */
const RUNS = 60

const grammars = grammarsOf(BUILT_IN)
const place = mkdtempSync(join(tmpdir(), 'told-paths-'))
const home = join(place, 'home')
const start = join(place, 'w', 'x')
// Each file holds its own name: what is printed is what was read.
for (const folder of ['', 'd', 'd/e', 'd/e/d', 'e']) {
  for (const root of [home, join(place, 'w'), start]) {
    mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, folder, 'f'), `${join(root, folder, 'f')}\n`)
  }
}
writeFileSync(join(place, 'f'), `${join(place, 'f')}\n`)
afterAll(() => rmSync(place, { recursive: true, force: true }))

const READ = fc.constantFrom(
  ...[
    'head f',
    'head d/f',
    'head ../f',
    'head e/../f',
    'head */f',
    'head < f',
    'head < d/f',
    'head ~/f',
    'head $HOME/d/f',
  ],
  ...[
    'grep -rh / d',
    'find . -name f -exec head -1 {} \\;',
    'find d -name f -execdir head -1 f \\;',
    'timeout 5 head d/f',
  ],
)
const MOVE = fc.constantFrom('cd d', 'cd e', 'cd ..', 'cd nowhere', 'cd', 'cd ~/d', 'cd -- d/e', 'cd .')
const OTHER = fc.constantFrom('ls -d nowhere', 'ls -d .')

const COMMAND = fc.letrec<{ command: string }>((tie) => {
  const inner = tie('command')
  const pair = fc.tuple(inner, inner)
  return {
    command: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(READ, READ, MOVE, MOVE, OTHER),
      pair.map(([a, b]) => `${a} && ${b}`),
      pair.map(([a, b]) => `${a} || ${b}`),
      pair.map(([a, b]) => `${a}; ${b}`),
      pair.map(([a, b]) => `${a} | ${b}`),
      inner.map((a) => `(${a})`),
      inner.map((a) => `{ ${a}; }`),
      inner.map((a) => `! ${a}`),
      inner.map((a) => `{ ${a}; } 2>/dev/null`),
      inner.map((a) => `{ ${a}; } < f`),
      inner.map((a) => `(${a}) <<< x`),
      inner.map((a) => (a.includes("'") ? a : `bash -c '${a}'`)),
      inner.map((a) => (a.includes("'") ? a : `eval '${a}'`)),
    ),
  }
}).command

function isTold(path: string, { reads = [], readsBelow = false }: CommandPart): boolean {
  return reads.some((read) => {
    const told = resolve(start, read.startsWith('~') ? `${home}${read.slice(1)}` : read)
    return (
      new RegExp(`^${told.replaceAll('*', '[^/]*')}$`).test(path) ||
      (readsBelow && path.startsWith(`${told}/`))
    )
  })
}

/** The files that were read, in their order, and how it ended. */
function run(shell: ShellName, script: string) {
  const env = { HOME: home, PATH: '/usr/bin:/bin' }
  const ended = spawnSync(shellPath(shell, place), ['-c', script], {
    cwd: start,
    env,
    encoding: 'utf8',
    input: '',
  })
  return { status: ended.status, read: ended.stdout.split('\n').filter((line) => /^\/.+\/f$/.test(line)) }
}

test.each(SHELLS)('every file that is read in %s was told, wherever the command went before', (shell) => {
  fc.assert(
    fc.property(COMMAND, (command) => {
      const understanding = understand(command, grammars)
      if (understanding.kind === 'opaque' || understanding.script === undefined) return
      const { read } = run(shell, understanding.script)
      const untold = read.filter((path) => !understanding.parts.some((part) => isTold(path, part)))
      expect(untold, command).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

test('what is written out of a command reads the same files and ends in the same way', () => {
  fc.assert(
    fc.property(COMMAND, (command) => {
      const understanding = understand(command, grammars)
      if (understanding.kind === 'opaque' || understanding.script === undefined) return
      expect(run('bash', understanding.script), command).toEqual(run('bash', command))
    }),
    { numRuns: RUNS },
  )
})
