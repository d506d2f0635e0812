import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import { detachedLeftovers } from '../kit/detached-leftovers.ts'
import { startFlakyProxy } from '../kit/flaky-proxy.ts'
import { connectHttp, ERAS } from '../kit/mcp-client.ts'
import { hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { startSshd } from '../kit/sshd.ts'

const CLIENTS = 8
/** So many commands of each kind of host share one, and with it a connection. */
const CALLS_PER_HOST = 4

export interface Drops {
  readonly commands: number
  readonly connections: number
  readonly cuts: number
  readonly freezes: number
  /** Calls beyond the first of each command. */
  readonly repeats: number
  /** Answers that nothing was run. */
  readonly refusals: number
  readonly completed: number
  readonly unknown: number
  readonly cancelled: number
  readonly neverRun: number
  readonly seconds: number
  /** From the first call of a command to its final answer. */
  readonly slowestSeconds: number
}

interface Answer {
  readonly isError: boolean
  readonly text: string
  readonly state?: string
  readonly outcome?: string
  readonly exit_status?: number | null
  readonly stdout?: string
  readonly command_id?: string
  readonly repeated?: true
}

/** One command, what it is to print, and what its caller does. */
interface Plan {
  readonly index: number
  readonly args: Record<string, unknown>
  readonly exitStatus: number
  /** Goes away in the middle of the first call. */
  readonly leaves: boolean
  /** Does not come again after an answer that nothing was run. */
  readonly givesUp: boolean
}

/**
 * Runs `count` commands over a wire that breaks at random moments, while the caller of each comes again with the same idempotency key
 * until it knows how it ended. Each command appends one line to a file of its own on the host. Fails when one has two, and when
 * what was answered about any of them is not what happened.
 */
export async function survivesDrops(count: number, inFlight: number): Promise<Drops> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-drops-'))
  const sshd = await startSshd({
    config: [`ForceCommand export XDG_STATE_HOME=${directory}; exec bash -c "$SSH_ORIGINAL_COMMAND"`],
  })
  const proxy = await startFlakyProxy(sshd.port)
  const home = await makeHome()
  const hosts = Math.ceil(inFlight / CALLS_PER_HOST)
  const names = (kind: string) => Array.from({ length: hosts }, (_, index) => `${kind}-${index}`)
  const port = String(proxy.port)
  home.configure(
    [
      'limits: {calls_per_minute: 1000000}',
      'commands: {max_running: 100000, max_kept: 1000}',
      'ssh: {keepalive_interval: 1, connect_timeout: 5}',
      'hosts:',
      ...names('exec').map((name) => hostYaml(name, sshd, { port })),
      ...names('shell').map((name) => hostYaml(name, sshd, { port, execution_mode: 'shell' })),
    ].join('\n'),
  )
  const product = await startProduct(home)
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) =>
      connectHttp(`${product.url}/mcp`, undefined, ERAS[index % ERAS.length]),
    ),
  )
  const begunMs = performance.now()
  const tally = { repeats: 0, refusals: 0, completed: 0, unknown: 0, cancelled: 0, neverRun: 0 }
  const text = (index: number) => {
    const path = join(directory, `ran-${index}`)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  const lines = (index: number) => text(index).split('\n').length - 1
  const finals = new Map<number, string>()
  let slowestMs = 0

  const carryOut = async (plan: Plan) => {
    const { index } = plan
    const client = clients[index % clients.length]
    if (client === undefined) throw new Error('no client')
    const ask = (): Promise<Answer> =>
      execute(client, { ...plan.args, wait_seconds: [0, 0.2, 2, 20][Math.floor(Math.random() * 4)] })
    let id: string | undefined
    const ids: string[] = []
    if (plan.leaves) await leaveEarly(client, plan.args)
    for (let attempt = plan.leaves ? 1 : 0; ; attempt += 1) {
      if (attempt > 0) tally.repeats += 1
      const answer = await ask()
      const what = `command ${index}: ${JSON.stringify({ ...plan, ...answer })}`
      if (answer.isError) {
        expect(answer.text, what).toMatch(/^host_|host_unreachable/)
        expect(lines(index), what).toBe(0)
        // Of one that was still waiting for its host when its id was told, too: the key begins a new one now.
        id = undefined
        tally.refusals += 1
        if (plan.givesUp) return finals.set(index, 'never_run')
        await delay(Math.random() * 500)
        continue
      }
      // A new one under the same key: the earlier one never reached the host.
      if (id !== undefined && answer.command_id !== id)
        expect(await follow(client, { ...answer, command_id: id }), what).toMatchObject({ state: 'failed' })
      id = answer.command_id
      ids.push(String(id))
      const state = answer.state === 'running' ? await follow(client, answer) : answer
      const after = `${what}\nthen ${JSON.stringify(state)}`
      if (state.state === 'failed') {
        expect(lines(index), what).toBe(0)
        id = undefined
        continue
      }
      if (state.state === 'running' || state.state === 'queued') continue
      expect(['completed', 'unknown', ...(plan.leaves ? ['cancelled'] : [])], after).toContain(state.state)
      if (state.state === 'completed') {
        expect(
          { lines: lines(index), exit: state.exit_status },
          `${after}\n${ids.join()}\n${text(index)}`,
        ).toEqual({
          lines: 1,
          exit: plan.exitStatus,
        })
        if (state.stdout !== undefined) expect(state.stdout, after).toBe(`out ${index}\n`)
      }
      if (Math.random() < 0.3) {
        const again = await ask()
        expect(again, after).toMatchObject({ command_id: id, repeated: true, state: state.state })
      }
      return finals.set(index, state.state ?? '')
    }
  }

  try {
    let next = 0
    const caller = async () => {
      while (next < count) {
        const sinceMs = performance.now()
        await carryOut(drawPlan(next++, hosts, directory))
        slowestMs = Math.max(slowestMs, performance.now() - sinceMs)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, caller))
    const ranSeconds = Math.round((performance.now() - begunMs) / 1000)
    proxy.calm()
    // What was held back on its way has gone through: whatever could have run twice would have by now.
    await delay(2_000)
    for (let index = 0; index < count; index += 1) {
      const final = finals.get(index)
      const [least, most] = final === 'completed' ? [1, 1] : final === 'never_run' ? [0, 0] : [0, 1]
      expect(lines(index), `command ${index}, ${final}`).toBeGreaterThanOrEqual(least)
      expect(lines(index), `command ${index}, ${final}`).toBeLessThanOrEqual(most)
      if (final === 'never_run') tally.neverRun += 1
      else tally[final as 'completed' | 'unknown' | 'cancelled'] += 1
    }
    const answers = clients.map((client) => client.callTool({ name: 'get_session_stats', arguments: {} }))
    const commands = (await Promise.all(answers)).flatMap(({ structuredContent }) => {
      const stats = structuredContent as { commands: { state: string }[] }
      return stats.commands
    })
    expect(commands.filter(({ state }) => state === 'running' || state === 'queued')).toEqual([])
    // They go a moment after the ends were taken.
    await expect.poll(() => detachedLeftovers(directory), { timeout: 60_000 }).toEqual([])
    const { connections, cuts, freezes } = proxy
    const slowestSeconds = Math.round(slowestMs / 1000)
    return { commands: count, connections, cuts, freezes, ...tally, seconds: ranSeconds, slowestSeconds }
  } finally {
    await Promise.all(clients.map((client) => client.close().catch(() => undefined)))
    await product.stop()
    await proxy.stop()
    await sshd.stop()
    await home.remove()
    rmSync(directory, { recursive: true, force: true })
  }
}

function drawPlan(index: number, hosts: number, directory: string): Plan {
  const chance = Math.random()
  const kind = chance < 0.6 ? 'exec' : 'shell'
  const exitStatus = index % 7
  const sleep = Math.random() < 0.3 ? `sleep 0.${Math.floor(Math.random() * 9)}; ` : ''
  // In a shell of its own where the state is kept, so that a session is not ended by each.
  const end = kind === 'shell' ? `(exit ${exitStatus})` : `exit ${exitStatus}`
  return {
    index,
    args: {
      host: `${kind}-${Math.floor(Math.random() * hosts)}`,
      // The mark of the command and its process tell two runs apart, should there ever be two.
      command: `echo "ran $$ $SSH_MCP_COMMAND" >>${directory}/ran-${index}; ${sleep}echo out ${index}; ${end}`,
      idempotency_key: `drop-${index}`,
      ...(Math.random() < 0.3 && { detached: true }),
    },
    exitStatus,
    leaves: Math.random() < 0.03,
    givesUp: Math.random() < 0.1,
  }
}

async function execute(client: Client, args: Record<string, unknown>): Promise<Answer> {
  const result = await client.callTool({ name: 'execute_command', arguments: args }, { timeout: 180_000 })
  const [block] = result.content as { text?: string }[]
  return {
    ...(result.structuredContent as object),
    isError: result.isError === true,
    text: block?.text ?? '',
  }
}

/** A caller that loses patience: an attached command is ended, a detached one goes on. */
async function leaveEarly(client: Client, args: Record<string, unknown>): Promise<void> {
  const patience = AbortSignal.timeout(Math.ceil(Math.random() * 400))
  await client
    .callTool({ name: 'execute_command', arguments: args }, { signal: patience })
    .catch(() => undefined)
}

/** Waits for more by its id, once: the caller asks again by its key. */
async function follow(client: Client, { command_id }: Answer): Promise<Answer> {
  const args = { command_id, stream: 'stdout', wait_seconds: 10 }
  const result = await client.callTool({ name: 'get_command_output', arguments: args }, { timeout: 60_000 })
  const page = result.structuredContent as { state: string; exit_status: number | null; output: string }
  const isWhole = page.state === 'completed'
  return { ...page, isError: false, text: '', ...(isWhole && { stdout: page.output }) }
}
