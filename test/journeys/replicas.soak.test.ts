import { expect, test } from 'vitest'
import { startParts, survivesFaults } from './replicas.ts'

test('of three instances one after the other is killed, paused or cut off: nothing runs twice, nothing acknowledged is lost, and every call has one end', async () => {
  const faults = ['kill', 'pause', 'cut', 'nap', 'freeze', 'kill', 'cut', 'pause', 'freeze'] as const
  const [cluster, sshd, stop] = await startParts()
  const history = await survivesFaults(cluster, sshd, { calls: 1_200, clients: 12, faults }).finally(stop)
  process.stdout.write(`${JSON.stringify(history)}\n`)
  expect(history.calls).toBeGreaterThanOrEqual(1_000)
  expect(history.acknowledged).toBeGreaterThan(history.calls / 2)
  expect(history.fenced).toBeGreaterThan(0)
  expect(history.lost).toBeGreaterThan(0)
}, 900_000)
