import { readFileSync } from 'node:fs'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callsWithoutCrossTalk } from '../kit/cross-talk.ts'
import { type ManyHosts, startManyHosts } from '../kit/many-hosts.ts'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, makeHome, type Product, startProduct } from '../kit/product.ts'

const CALLS = 1_000
const ROUNDS = 10

let fleet: ManyHosts
let home: Home
let product: Product
let client: Client

beforeAll(async () => {
  fleet = await startManyHosts(200)
  home = await makeHome()
  home.configure(`limits: {calls_per_minute: 1000000}\nhosts:\n${fleet.yaml()}`)
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, undefined)
})

afterAll(async () => {
  await client?.close()
  await product?.stop()
  await fleet?.stop()
  await home?.remove()
})

describe('1,000 concurrent calls on 200 hosts', () => {
  test('cross no output, lose none, and leave no memory behind', async () => {
    await callsWithoutCrossTalk(client, fleet, CALLS)
    const warmKiB = residentKiB()
    for (let round = 0; round < ROUNDS; round += 1) await callsWithoutCrossTalk(client, fleet, CALLS)
    expect(peakKiB()).toBeLessThan(512 * 1024)
    expect(residentKiB() - warmKiB).toBeLessThan(96 * 1024)
    const finished = home.auditRecords().filter(({ type }) => type === 'call.finished')
    expect(finished).toHaveLength(CALLS * (ROUNDS + 1))
    expect(new Set(finished.map(({ result }) => `${result?.status} ${result?.exit_status}`))).toEqual(
      new Set(['completed 0']),
    )
  })
})

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
