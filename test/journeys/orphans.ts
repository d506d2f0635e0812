import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { startSshd } from '../kit/sshd.ts'

const LINES = 2_000

export interface Orphans {
  /** Processes of theirs on the host when the bridge was killed. */
  readonly runningWhenKilled: number
  readonly seconds: number
}

interface Page {
  readonly state: string
  readonly exit_status: number | null
  readonly output: string
  readonly next_offset: number
  readonly has_more: boolean
}

/**
 * Begins `count` detached commands, which print 2,000 numbered lines with pauses and the digest of them, kills the bridge (SIGKILL)
 * while they run, and starts it again. Fails unless each is found, ends as it should, gives every line, ran once, and leaves nothing
 * on its host.
 */
export async function survivesItsEnd(count: number): Promise<Orphans> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-orphans-'))
  const sshd = await startSshd({
    config: [
      'MaxSessions 100',
      `ForceCommand export XDG_STATE_HOME=${directory}; exec bash -c "$SSH_ORIGINAL_COMMAND"`,
    ],
  })
  const home = await makeHome()
  home.configure(`hosts:\n${hostYaml('web-server', sshd)}`)
  let product = await startProduct(home)
  const connect = () => connectHttp(`${product.url}/mcp`, undefined, 'modern')
  const all = <T>(act: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => act(index)))
  const begunMs = performance.now()
  try {
    const before = await connect()
    const ids = await all(async (index) => {
      const command = printing(index, join(directory, `ran-${index}`))
      const begun = await run(before, 'web-server', command, { detached: true, wait_seconds: 0 })
      return (begun as unknown as { command_id: string }).command_id
    })
    await expect.poll(() => begunOn(directory).length, { timeout: 60_000 }).toBe(count)
    await delay(300 + Math.random() * 500)
    const runningWhenKilled = processesWith(directory).length
    await product.stop('SIGKILL')
    await before.close().catch(() => undefined)
    product = await startProduct(home)

    const after = await connect()
    await all(async (index) => {
      const end = await follow(after, ids[index] ?? '')
      expect(end, `command ${index}`).toMatchObject({ state: 'completed', exit_status: index % 5 })
      expect(end.output === expected(index), `command ${index}: ${end.output.slice(-200)}`).toBe(true)
      expect(readFileSync(join(directory, `ran-${index}`), 'utf8')).toBe('ran\n')
    })
    await after.close()
    expect(processesWith(directory)).toEqual([])
    const state = join(directory, 'ssh-mcp-bridge')
    await expect.poll(() => (existsSync(state) ? readdirSync(state) : []), { timeout: 60_000 }).toEqual([])
    return { runningWhenKilled, seconds: Math.round((performance.now() - begunMs) / 1000) }
  } finally {
    await product.stop()
    await sshd.stop()
    await home.remove()
    rmSync(directory, { recursive: true, force: true })
  }
}

function begunOn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.startsWith('ran-'))
}

/** Ten pauses, each command at a pace of its own: some end before the kill, some long after the new start. */
function printing(index: number, counter: string): string {
  const loop = `i=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo "${index} line $i"; [ $((i % 200)) -gt 0 ] || sleep 0.${1 + (index % 9)}; done`
  return `echo ran >>${counter}; { ${loop}; } | tee /dev/stderr | sha256sum; exit ${index % 5}`
}

/** What goes to stderr is the output; its digest, made on the host, is stdout. Either is compared with what is worked out here. */
function expected(index: number): string {
  return Array.from({ length: LINES }, (_, line) => `${index} line ${line + 1}\n`).join('')
}

async function follow(client: Client, command_id: string): Promise<Page> {
  let [offset, output] = [0, '']
  for (;;) {
    const page = await pageOf(client, { command_id, stream: 'stderr', offset, wait_seconds: 20 })
    output += page.output
    offset = page.next_offset
    if (page.has_more) continue
    const digest = await pageOf(client, { command_id, stream: 'stdout' })
    expect(digest.output).toBe(`${createHash('sha256').update(output).digest('hex')}  -\n`)
    return { ...page, output }
  }
}

async function pageOf(client: Client, args: Record<string, unknown>): Promise<Page> {
  const page = await client.callTool({ name: 'get_command_output', arguments: args }, { timeout: 60_000 })
  if (page.isError) throw new Error(JSON.stringify(page.content))
  return page.structuredContent as unknown as Page
}
