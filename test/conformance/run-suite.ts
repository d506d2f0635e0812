import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { NEWER_NODE } from '../kit/newer-node.ts'

const SUITE = resolve('node_modules/@modelcontextprotocol/conformance/dist/index.js')

export type Revision = '2025-11-25' | '2026-07-28'

export interface SuiteResult {
  /** 0 when every scenario that the revision requires holds. */
  readonly exitCode: number | null
  /** What the suite printed, for people. */
  readonly said: string
  /** Per scenario, the checks that failed, in words; empty when all held. */
  readonly failures: ReadonlyMap<string, readonly string[]>
  /** Per scenario, how many checks held. */
  readonly passed: ReadonlyMap<string, number>
}

/** Runs the official conformance suite as a client of `url`: exactly the scenarios that the revision requires, and the unscored. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteResult> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    const ended = await run([SUITE, 'server', '--url', url, '--requirements', revision, '-o', directory])
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
    return { ...ended, failures, passed }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The scenarios by which a server is judged to conform, in the suite's own words. */
export async function requiredScenarios(revision: Revision): Promise<string[]> {
  const { said } = await run([SUITE, 'list', '--requirements', revision])
  const [, servers = ''] = /Server scenarios[^\n]*\n([\s\S]*?)\n\n/.exec(said) ?? []
  return [...servers.matchAll(/^ {2}- (\S+)$/gm)].map(([, name = '']) => name)
}

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
}

function run(args: readonly string[]): Promise<Pick<SuiteResult, 'exitCode' | 'said'>> {
  return new Promise((done, failed) => {
    const child = spawn(NEWER_NODE, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk
      })
    child.once('error', failed)
    child.once('close', (exitCode) => done({ exitCode, said }))
  })
}
