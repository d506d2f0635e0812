import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { auditLinesIn, endsOfCalls, expectChain, openCalls } from '../kit/audit-chain.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { startPostgres } from '../kit/postgres.ts'
import { type AuditRecord, hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { startSshd } from '../kit/sshd.ts'

export interface Survived {
  readonly answered: number
  readonly begun: number
  /** Calls of which nobody knows how they ended. */
  readonly unknown: number
  readonly records: number
}

/**
 * Kills the bridge (SIGKILL) at `kills` random moments while eight clients run commands, starts it once more, and checks that every
 * answered call has all of its records, every command that the host has seen has its intent record, every intent has one outcome, and
 * the chain is whole.
 */
export async function survivesKills(kills: number, engine: 'sqlite' | 'postgres'): Promise<Survived> {
  const sshd = await startSshd({ config: ['MaxSessions 50'] })
  const home = await makeHome()
  const postgres = engine === 'postgres' ? await startPostgres() : undefined
  const database = await postgres?.database()
  const place = database ?? join(home.directory, 'state')
  home.configure(`limits: {calls_per_minute: 100000}\nhosts:\n${hostYaml('web-server', sshd)}`, database)
  const answered = new Set<string>()
  const begun = `${home.directory}/begun`
  let next = 0
  try {
    for (let kill = 0; kill < kills; kill++) {
      const product = await startProduct(home)
      const before = answered.size
      const clients = await Promise.all(
        Array.from({ length: 8 }, () => connectHttp(`${product.url}/mcp`, undefined)),
      )
      const work = clients.map(async (client) => {
        while (product.process.exitCode === null && product.process.signalCode === null) {
          const command = `echo ${next++}- >> ${begun}; echo done`
          const result = await run(client, 'web-server', command).catch(() => undefined)
          if (result?.exit_status === 0) answered.add(command)
        }
      })
      // From the first command on, any moment is as good as another.
      await expect.poll(() => answered.size).toBeGreaterThan(before)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100))
      await product.stop('SIGKILL')
      // Calls that got no answer get none any more.
      await Promise.all(clients.map((client) => client.close().catch(() => undefined)))
      await Promise.all(work)
    }

    const last = await startProduct(home)
    // What it finds open, it ends.
    await expect.poll(async () => openCalls(await auditLinesIn(place)), { interval: 500 }).toEqual([])
    await last.stop()
    const lines = await auditLinesIn(place)
    expectChain(lines)
    const ends = endsOfCalls(lines)
    const records = lines.map((line) => JSON.parse(line) as AuditRecord)
    const remembered = (type: string) =>
      new Set(records.filter((record) => record.type === type).map(({ command }) => command))
    const [received, started, finished] = ['call.received', 'call.started', 'call.finished'].map(remembered)
    for (const command of answered) {
      expect(received?.has(command), `received: ${command}`).toBe(true)
      expect(started?.has(command), `started: ${command}`).toBe(true)
      expect(finished?.has(command), `finished: ${command}`).toBe(true)
    }
    const seen = readFileSync(begun, 'utf8').trimEnd().split('\n')
    for (const line of seen)
      expect(started?.has(`echo ${line} >> ${begun}; echo done`), `intent: ${line}`).toBe(true)
    const unknown = [...ends.values()].filter((status) => status === 'unknown').length
    return { answered: answered.size, begun: seen.length, unknown, records: records.length }
  } finally {
    await sshd.stop()
    await postgres?.stop()
    await home.remove()
  }
}
