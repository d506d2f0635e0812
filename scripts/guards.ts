// Switches each guard off in turn, in a copy of the project, and runs the test that has to be red then. `npm run guards -- NAME …` takes
// only those. Prints a line each; exits 1 when a guard can be taken away unnoticed, or when its test is red with it.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { Guard } from '../test/guards/guard.ts'
import { GUARDS } from '../test/guards/list.ts'

const only = process.argv.slice(2)
const chosen = Object.values(GUARDS)
  .flat()
  .filter(({ name }) => only.length === 0 || only.includes(name))
const copy = mkdtempSync(join(tmpdir(), 'bridge-guards-'))
const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean)
for (const file of files) cpSync(file, join(copy, file))
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))

/** Resolves to how many tests of that title there were and how many of them failed. */
function run({ test, title, needsBuild }: Guard): { readonly total: number; readonly failed: number } {
  if (needsBuild) execFileSync('node', ['scripts/build.mjs'], { cwd: copy, stdio: 'ignore' })
  const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const args = [
    'vitest',
    'run',
    test,
    '-t',
    pattern,
    '--retry=0',
    '--reporter=json',
    '--outputFile=report.json',
  ]
  spawnSync('npx', args, { cwd: copy, stdio: 'ignore', timeout: 300_000 })
  const report = JSON.parse(readFileSync(join(copy, 'report.json'), 'utf8'))
  rmSync(join(copy, 'report.json'))
  const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites: broken } = report
  return { total: passed + failed, failed: failed + (passed + failed === 0 ? broken : 0) }
}

let unnoticed = 0
const tell = (guard: Guard, isHeld: boolean, what: string) => {
  if (!isHeld) unnoticed += 1
  console.log(`${isHeld ? '✔' : '✘'} ${guard.name}: ${what}`)
}

try {
  for (const guard of chosen) {
    const path = join(copy, guard.file)
    const source = readFileSync(path, 'utf8')
    const before = run(guard)
    if (before.total === 0 || before.failed > 0) {
      tell(
        guard,
        false,
        `its test does not pass with it (${before.failed} of ${before.total} red): ${guard.title}`,
      )
      continue
    }
    writeFileSync(
      path,
      source.replace(guard.from, () => guard.to),
    )
    const without = run(guard)
    writeFileSync(path, source)
    tell(guard, without.failed > 0, `${without.failed} of ${without.total} red without it: ${guard.title}`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`${chosen.length - unnoticed} of ${chosen.length} guards are held by a test`)
process.exitCode = unnoticed === 0 ? 0 : 1
