import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callsWithoutCrossTalk, type Printed } from '../kit/cross-talk.ts'
import { type ManyHosts, startManyHosts } from '../kit/many-hosts.ts'
import { type Home, makeHome, type Product, startProduct } from '../kit/product.ts'
import { openRawFleet, type RawFleet } from '../kit/raw-fleet.ts'

const CALLS = 1_000
const ROUNDS = 12
/** So many rounds until pools, caches and the collector's heap have the size that they keep. */
const WARM_ROUNDS = 4

let fleet: ManyHosts
let home: Home
let product: Product
let raw: RawFleet

beforeAll(async () => {
  fleet = await startManyHosts(200)
  home = await makeHome()
  home.configure(`limits: {calls_per_minute: 1000000}\nhosts:\n${fleet.yaml()}`)
  product = await startProduct(home)
  raw = await openRawFleet(fleet)
})

afterAll(async () => {
  raw?.close()
  await product?.stop()
  await fleet?.stop()
  await home?.remove()
})

describe('1,000 concurrent calls on 200 hosts', () => {
  test('cross no output, lose none, keep memory bounded, and take at most three times the time of raw ssh2', async () => {
    // Opens the connections.
    await callsWithoutCrossTalk(execute, fleet, CALLS)
    let warmKiB = 0
    const medians: number[] = []
    const slowest: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const bare = await callsWithoutCrossTalk(raw.run, fleet, CALLS)
      medians.push(bare[CALLS / 2] ?? 0)
      const ours = await callsWithoutCrossTalk(execute, fleet, CALLS)
      slowest.push(ours[CALLS * 0.99] ?? 0)
      if (round + 1 === WARM_ROUNDS) warmKiB = residentKiB()
    }
    const [rawP50, p99, grownMiB] = [middle(medians), middle(slowest), (residentKiB() - warmKiB) / 1024]
    const figures = `raw p50 ${rawP50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${(p99 / rawP50).toFixed(2)} times; grown by ${grownMiB.toFixed(0)} MiB to a peak of ${(peakKiB() / 1024).toFixed(0)} MiB`
    console.log(figures)

    expect(grownMiB, figures).toBeLessThan(64)
    expect(peakKiB() / 1024, figures).toBeLessThan(512)
    expect(p99 / rawP50, figures).toBeLessThan(3)
    const finished = home.auditRecords().filter(({ type }) => type === 'call.finished')
    expect(finished).toHaveLength(CALLS * (ROUNDS + 1))
    const ends = new Set(finished.map(({ result }) => `${result?.status} ${result?.exit_status}`))
    expect(ends).toEqual(new Set(['completed 0']))
  })
})

async function execute(at: number, command: string): Promise<Printed> {
  const response = await fetch(`${product.url}/api/v1/execute`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ host: fleet.names[at], command }),
  })
  expect(response.status).toBe(200)
  const answer = (await response.json()) as Printed & { readonly host: string; readonly command: string }
  expect(answer).toMatchObject({ host: fleet.names[at], command, exit_status: 0 })
  return answer
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function residentKiB(): number {
  return statusKiB('VmRSS')
}

function peakKiB(): number {
  return statusKiB('VmHWM')
}

/** Of the product, from proc(5). */
function statusKiB(field: string): number {
  const status = readFileSync(`/proc/${product.process.pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
}
