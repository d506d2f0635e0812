import { readFileSync } from 'node:fs'
import type { Client } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { withRoom } from '../kit/room.ts'
import { startSshd } from '../kit/sshd.ts'

export interface Floods {
  readonly peakMiB: number
  readonly seconds: number
  /** Median of `true` on another host while as many commands sleep, and while they print. */
  readonly quietMs: number
  readonly loudMs: number
  /** The longest of them while they print. */
  readonly worstMs: number
}

/** How often `true` is run for its median while nothing prints. */
const SAMPLES = 40

interface Page {
  readonly state: string
  readonly exit_status: number | null
  readonly output: string
  readonly total_bytes: number
  readonly kept_bytes: number
  readonly has_more: boolean
  readonly next_offset: number
}

/**
 * `count` commands at once, each printing `bytes`, begun by one person on one host, while another host is used. Fails when the count
 * of one is not right to the byte, or its beginning or its end cannot be read.
 */
export async function survivesFloods(count: number, bytes: number): Promise<Floods> {
  const [loud, calm, home] = await Promise.all([
    startSshd({ config: ['MaxSessions 100'] }),
    startSshd(),
    makeHome(),
  ])
  const hosts = hostYaml('loud', loud) + hostYaml('calm', calm)
  home.configure(`limits: {calls_per_minute: 1000000}\nhosts:\n${hosts}`)
  const product = await startProduct(home)
  const [client, other] = await Promise.all([
    connectHttp(`${product.url}/mcp`, undefined, 'modern'),
    connectHttp(`${product.url}/mcp`, undefined, 'modern'),
  ])
  const begin = async (command: string): Promise<string> => {
    const begun = await run(client, 'loud', command, { wait_seconds: 0 })
    return (begun as unknown as { command_id: string }).command_id
  }
  const all = <T>(act: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => act(index)))
  try {
    for (let warm = 0; warm < 5; warm += 1) await run(other, 'calm', 'true')
    const sleeping = await all(() => begin('sleep 600'))
    const quiet: number[] = []
    while (quiet.length < SAMPLES) quiet.push(await timed(other))
    await all((index) =>
      client.callTool({ name: 'cancel_command', arguments: { command_id: sleeping[index] } }),
    )

    const begunMs = performance.now()
    const printing = await all((index) => begin(flood(index, bytes)))
    let isOver = false
    const ended = all((index) => untilOver(client, printing[index] ?? '')).finally(() => {
      isOver = true
    })
    const beside: number[] = []
    while (!isOver) beside.push(await timed(other))
    await ended
    const seconds = Math.round((performance.now() - begunMs) / 1000)

    await all(async (index) => {
      const command_id = printing[index]
      const from = await pageOf(client, { command_id, offset: 0, max_bytes: 256 })
      expect(from).toMatchObject({ state: 'completed', exit_status: 0, total_bytes: bytes })
      expect(from.output).toMatch(new RegExp(`^begin ${index}\\.*\\n0123456789abcde\\n`))
      const tail = await pageOf(client, { command_id, tail: 256 })
      expect(tail.output.endsWith(`0123456789abcde\nend ${index}\n`), tail.output.slice(-40)).toBe(true)
    })
    expect(await timed(other)).toBeLessThan(withRoom(5_000))
    const worstMs = Math.max(...beside)
    return {
      peakMiB: peakMiB(product.process.pid),
      seconds,
      quietMs: p50(quiet),
      loudMs: p50(beside),
      worstMs,
    }
  } finally {
    await Promise.all([client, other].map((one) => one.close().catch(() => undefined)))
    await product.stop()
    await Promise.all([loud.stop(), calm.stop()])
    await home.remove()
  }
}

/** Whole lines of sixteen bytes between a first and a last one, and what is missing to `bytes` before the last. */
function flood(index: number, bytes: number): string {
  const between = bytes - `begin ${index}\nend ${index}\n`.length
  const missing = between % 16
  const begin = `echo 'begin ${index}${'.'.repeat(missing)}'`
  return `${begin}; yes 0123456789abcde | head -c ${between - missing}; echo end ${index}`
}

async function timed(client: Client): Promise<number> {
  const sinceMs = performance.now()
  expect(await run(client, 'calm', 'true')).toMatchObject({ exit_status: 0 })
  return performance.now() - sinceMs
}

async function untilOver(client: Client, command_id: string): Promise<void> {
  let offset = 0
  for (;;) {
    const page = await pageOf(client, { command_id, offset, max_bytes: 256, wait_seconds: 30 })
    if (page.state !== 'running' && page.state !== 'queued') return
    offset = page.total_bytes
  }
}

async function pageOf(client: Client, args: Record<string, unknown>): Promise<Page> {
  const page = await client.callTool(
    { name: 'get_command_output', arguments: { stream: 'stdout', ...args } },
    { timeout: 60_000 },
  )
  if (page.isError) throw new Error(JSON.stringify(page.content))
  return page.structuredContent as unknown as Page
}

function p50(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}

/** The most that the product ever held, from proc(5). */
function peakMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}
