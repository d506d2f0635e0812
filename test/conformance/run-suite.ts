import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { NEWER_NODE } from '../kit/newer-node.ts'

const SUITE = resolve('node_modules/@modelcontextprotocol/conformance/dist/index.js')

export type Revision = '2025-11-25' | '2026-07-28'

export interface SuiteResult {
  /** Per scenario, the checks that failed, in words; empty when all held. */
  readonly failures: ReadonlyMap<string, readonly string[]>
  /** Per scenario, how many checks held. */
  readonly passed: ReadonlyMap<string, number>
}

/** Runs the official conformance suite as a client of `url`: exactly the scenarios that the revision requires, and the unscored. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteResult> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    await run([SUITE, 'server', '--url', url, '--requirements', revision, '--output-dir', directory])
    const failures = new Map<string, string[]>()
    const passed = new Map<string, number>()
    for (const folder of await readdir(directory)) {
      const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(folder)?.[1]
      if (scenario === undefined) continue
      const checks: Check[] = JSON.parse(await readFile(join(directory, folder, 'checks.json'), 'utf8'))
      const failed = checks.filter(({ status }) => status === 'FAILURE')
      failures.set(
        scenario,
        failed.map(({ id, errorMessage }) => `${id}: ${errorMessage}`),
      )
      passed.set(scenario, checks.filter(({ status }) => status === 'SUCCESS').length)
    }
    return { failures, passed }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
}

// It exits with 1 when any scenario fails; which one may, the tests say.
function run(args: readonly string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(NEWER_NODE, args, { stdio: 'ignore' })
    child.once('error', failed)
    child.once('exit', () => done())
  })
}
