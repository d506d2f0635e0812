import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { fillLogs } from '../kit/million-records.ts'
import { type Home, makeHome, PROGRAM } from '../kit/product.ts'
import { startInTerminal, type TerminalProgram } from '../kit/terminal-program.ts'

let home: Home
let terminal: TerminalProgram | undefined

beforeEach(async () => {
  home = await makeHome()
})

afterEach(async () => {
  terminal?.kill()
  terminal = undefined
  await home.remove()
})

function atTerminal(...args: string[]): TerminalProgram {
  terminal = startInTerminal(args, { env: { HOME: home.directory }, cwd: home.directory })
  return terminal
}

describe('long work', () => {
  /** A host that takes the connection and says nothing. */
  async function silentHost() {
    const server = createServer(() => undefined)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    home.configure(
      `ssh: {connect_timeout: 1}\nhosts:\n  - {name: silent, host: 127.0.0.1, port: ${port}, username: admin, password: open sesame}\n`,
    )
    return server
  }

  test('shows how far it is on one line of the terminal, which is gone when it is done', async () => {
    const server = await silentHost()
    const testing = atTerminal('hosts', 'test', '--config', home.configPath)
    await testing.until('\r\u001b[2KTesting: 0% (0 of 1 hosts)')
    await testing.until('\r\u001b[2K✘ silent')
    expect(await testing.ended).toBe(1)
    expect(testing.written()).not.toMatch(/Testing[^\r]*\n/)
    server.close()
  })

  test('--quiet shows nothing of it', async () => {
    const server = await silentHost()
    const testing = atTerminal('hosts', 'test', '--config', home.configPath, '--quiet')
    await testing.until('✘ silent')
    expect(await testing.ended).toBe(1)
    expect(testing.written()).not.toContain('Testing')
    server.close()
  })

  test('with --json, and without a terminal, nothing is shown either', async () => {
    const server = await silentHost()
    const doctor = atTerminal('doctor', home.configPath, '--json')
    expect(await doctor.ended).toBe(1)
    expect(JSON.parse(doctor.written())).toMatchObject({ result: 'failed' })
    const plain = spawn(process.execPath, [PROGRAM, 'hosts', 'test', '--config', home.configPath])
    let text = ''
    plain.stderr.on('data', (piece: Buffer) => {
      text += String(piece)
    })
    await once(plain, 'close')
    expect(text).toBe('')
    server.close()
  })

  test('of many records it tells the share, the rate and the time that is left', async () => {
    home.configure('hosts: []\n')
    const state = join(home.directory, 'state')
    mkdirSync(state, { mode: 0o700 })
    const database = await openDatabase(`sqlite:${join(state, 'bridge.db')}`, systemClock)
    await fillLogs([database], state, 40_000)
    await database.close()
    const config = ['--config', home.configPath]
    const file = join(home.directory, 'records.jsonl')
    for (const [args, line] of [
      [
        ['audit', 'verify'],
        /Verifying the audit: \d+% \([\d,]+ of 160,\d{3} records\), [\d,]+\/s, \d+ s left/,
      ],
      [
        ['audit', 'export', '-o', file],
        /Exporting the audit: \d+% \([\d,]+ of 160,\d{3} records\), [\d,]+\/s/,
      ],
      [['backup', join(home.directory, 'copy.db')], /Writing .*copy\.db: \d+ s/],
    ] as const) {
      const work = atTerminal(...args, ...config)
      expect(await work.ended).toBe(0)
      expect(work.written()).toMatch(line)
      // No line of it stays.
      expect(work.written()).not.toMatch(/(?:Verifying|Exporting|Writing)[^\r]*\n/)
    }
  })
})
