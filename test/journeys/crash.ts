import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { startSshd } from '../kit/sshd.ts'

/**
 * Kills the bridge (SIGKILL) at `kills` random moments while eight clients run commands, and checks after each kill that every
 * answered call has all of its records, and every command that the host has seen has its intent record.
 */
export async function survivesKills(kills: number): Promise<{ answered: number; begun: number }> {
  const sshd = await startSshd({ config: ['MaxSessions 50'] })
  const home = await makeHome()
  home.configure(`limits: {calls_per_minute: 100000}\nhosts:\n${hostYaml('web-server', sshd)}`)
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
      await expect.poll(() => answered.size, { timeout: 20_000 }).toBeGreaterThan(before)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100))
      await product.stop('SIGKILL')
      // Calls that got no answer get none any more.
      await Promise.all(clients.map((client) => client.close().catch(() => undefined)))
      await Promise.all(work)
    }

    const records = home.auditRecords()
    const remembered = (type: string) =>
      new Set(records.filter((record) => record.type === type).map(({ command }) => command))
    const [received, started, finished] = ['call.received', 'call.started', 'call.finished'].map(remembered)
    for (const command of answered) {
      expect(received?.has(command), `received: ${command}`).toBe(true)
      expect(started?.has(command), `started: ${command}`).toBe(true)
      expect(finished?.has(command), `finished: ${command}`).toBe(true)
    }
    const lines = readFileSync(begun, 'utf8').trimEnd().split('\n')
    for (const line of lines)
      expect(started?.has(`echo ${line} >> ${begun}; echo done`), `intent: ${line}`).toBe(true)
    return { answered: answered.size, begun: lines.length }
  } finally {
    await sshd.stop()
    await home.remove()
  }
}
