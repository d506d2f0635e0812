import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { parseOptions } from '../bench/options.ts'
import { pageOf } from '../bench/report/page.ts'
import { checksOf, type Report } from '../bench/report/result.ts'
import { rowText } from '../bench/report/text.ts'
import { defineRow } from '../bench/row.ts'
import { ROWS } from '../bench/rows/list.ts'

const run = promisify(execFile)
const directory = mkdtempSync(join(tmpdir(), 'bridge-bench-'))

afterAll(() => rmSync(directory, { recursive: true }))

const bench = (...args: string[]) =>
  run(process.execPath, ['scripts/run-ts.mjs', 'bench/main.ts', ...args], { encoding: 'utf8' })

describe('npm run bench', () => {
  test('measures a warm command beside raw ssh2 and OpenSSH, and writes the figures as JSON and as a page', async () => {
    const { stdout } = await bench('--rounds', '2', '--only', 'warm', '--no-peers', '--out', directory)
    for (const way of ['raw ssh2', 'ssh-mcp-bridge', 'ssh over ControlMaster'])
      expect(stdout).toMatch(new RegExp(`\\| ${way} +\\| +[\\d.]+ ms`))
    expect(stdout).toMatch(/[✔✘] p50, to raw ssh2: [\d.]+ × \(≤ 1\.4 ×\)/)
    const names = readdirSync(directory)
    expect(names.map((name) => name.split('.').at(-1)).sort()).toEqual(['html', 'json'])
    const json = names.find((name) => name.endsWith('.json')) ?? ''
    const report: Report = JSON.parse(readFileSync(join(directory, json), 'utf8'))
    expect(report.rows.map(({ name, failed }) => [name, failed])).toEqual([['warm', undefined]])
    expect(report.rows[0]?.checks.map(({ value }) => typeof value)).toEqual(['number', 'number'])
  })

  test('says what it takes and which rows there are', async () => {
    const { stdout } = await bench('--help')
    for (const { name } of ROWS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
  })
})

describe('the options of the benchmark', () => {
  const rowsOf = (...args: string[]) => {
    const options = parseOptions(args)
    if (options === 'help' || 'wrong' in options) throw new Error(JSON.stringify(options))
    return options.rows.map(({ name }) => name)
  }

  test.each([
    ['a row that there is not', ['--only', 'warm,cold'], /no row cold/],
    ['no rounds', ['--rounds', '0'], /--rounds/],
    ['a flag that there is not', ['--fast'], /--fast/],
  ])('%s is refused', (_, args, why) => {
    expect(parseOptions(args)).toEqual({ wrong: expect.stringMatching(why) })
  })

  test('a heavy row is taken only when it is asked for', () => {
    expect(rowsOf()).not.toContain('heavy')
    expect(rowsOf('--heavy')).toContain('heavy')
    expect(rowsOf('--only', 'heavy')).toEqual(['heavy'])
  })
})

describe('the report of the benchmark', () => {
  const row = defineRow({
    name: 'example',
    title: 'An <example>',
    about: 'What `true` takes.',
    targets: {
      less: { what: 'time', unit: '×', most: 1.4 },
      more: { what: 'rate', unit: '/s', least: 100 },
      unknown: { what: 'memory', unit: 'MiB', most: 60 },
    },
    measure: () => Promise.reject(new Error('not asked for')),
  })
  const table = {
    title: 'in turns',
    base: 'raw',
    measures: [{ name: 'p50', unit: 'ms', better: 'less' }],
    ways: [
      { way: 'raw', kind: 'yardstick', values: [4] },
      { way: 'ours', kind: 'ours', values: [5] },
      { way: 'cannot', kind: 'peer', values: [undefined] },
    ],
  } as const
  const { name, title, about } = row
  const checks = checksOf(row, { less: 1.4, more: 99.9, unknown: undefined })
  const result = { name, title, about, tables: [table], checks, notes: ['<a note>'], tookMs: 1_000 }

  test('a target is met up to its bound, missed beyond it, and unknown where nothing was measured', () => {
    expect(checks.map(({ isMet }) => isMet)).toEqual([true, false, undefined])
    expect(rowText(result)).toContain('✔ time: 1.40 × (≤ 1.4 ×)')
    expect(rowText(result)).toContain('✘ rate: 99.9/s (≥ 100/s)')
    expect(rowText(result)).toContain('? memory: – (≤ 60 MiB)')
  })

  test('each way is compared with the yardstick, and one that cannot do it has no figure', () => {
    expect(rowText(result)).toContain('| ours   | 5.00 ms | 1.25 × |')
    expect(rowText(result)).toContain('| cannot |       – |      – |')
  })

  test('the page has plots, needs nothing from elsewhere and runs nothing', () => {
    const machine = { node: 'v0', openssh: 'OpenSSH', processors: '2', memoryMiB: 1, loadAverage: [0] }
    const page = pageOf({ version: '0', takenAt: 'now', rounds: 1, machine, rows: [result] })
    expect(page).toContain('<svg')
    expect(page).toContain('An &lt;example&gt;')
    expect(page).toContain('&lt;a note&gt;')
    expect(page).not.toMatch(/<script|<link|<img|https?:|@import|url\(/)
  })
})
