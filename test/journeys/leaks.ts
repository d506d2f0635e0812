import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import { detachedLeftovers } from '../kit/detached-leftovers.ts'
import { connectHttp, ERAS } from '../kit/mcp-client.ts'
import { askDatabase, hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { startSshd } from '../kit/sshd.ts'

/** Commands that are kept once they ended. */
const KEPT = 20
const IN_FLIGHT = 8

export interface Holdings {
  readonly files: number
  readonly residentMiB: number
}

export interface Leaks {
  /** Of the product: open file descriptors and memory. After a quarter of the calls, and after all. */
  readonly early: Holdings
  readonly late: Holdings
  /** Files of ended commands in the state directory. */
  readonly kept: number
}

/**
 * Makes `calls` calls of all kinds, also such that time out, are cancelled or fail, over clients that come and go. Fails when
 * anything of ours is left on the host, or when what the bridge keeps of ended commands is more than it is to keep.
 */
export async function leavesNothing(calls: number): Promise<Leaks> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-leaks-'))
  const sshd = await startSshd({
    config: [
      'MaxSessions 50',
      `ForceCommand export XDG_STATE_HOME=${directory}; exec sh -c "$SSH_ORIGINAL_COMMAND"`,
      'Subsystem sftp /usr/lib/openssh/sftp-server',
    ],
  })
  const home = await makeHome()
  home.configure(
    [
      'limits: {calls_per_minute: 1000000, output_bytes: 4096}',
      `commands: {max_kept: ${KEPT}}`,
      'hosts:',
      hostYaml('exec-host', sshd),
      hostYaml('shell-host', sshd, { execution_mode: 'shell' }),
      hostYaml('gone', sshd, { port: '1' }),
    ].join('\n'),
  )
  const product = await startProduct(home)
  const notes = join(directory, 'scratch')
  try {
    let next = 0
    const caller = async (until: number) => {
      while (next < until) {
        const client = await connectHttp(`${product.url}/mcp`, undefined, ERAS[next % ERAS.length])
        for (let turn = 0; turn < 10 && next < until; turn += 1) await callOfSomeKind(client, next++, notes)
        await client.close()
      }
    }
    const callUntil = async (until: number) => {
      await Promise.all(Array.from({ length: IN_FLIGHT }, () => caller(until)))
      return holdings(product.process.pid)
    }
    const early = await callUntil(Math.ceil(calls / 4))
    const late = await callUntil(calls)

    const noted = existsSync(notes) ? readFileSync(notes, 'utf8').trimEnd().split('\n') : []
    expect(noted.length).toBeGreaterThan(calls / 40)
    await expect.poll(() => noted.filter((path) => existsSync(path))).toEqual([])
    await expect.poll(() => detachedLeftovers(directory), { timeout: 30_000 }).toEqual([])
    expect(product.stderr()).not.toMatch(/MaxListenersExceeded|unhandled|uncaught|TypeError/i)
    return {
      early,
      late,
      kept: Number(
        askDatabase(join(home.directory, 'state'), 'SELECT COUNT(*) AS count FROM commands')[0]?.count,
      ),
    }
  } finally {
    await product.stop()
    await sshd.stop()
    await home.remove()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The kinds take turns. */
async function callOfSomeKind(client: Client, index: number, notes: string): Promise<void> {
  const call = async (name: string, args: Record<string, unknown>, signal?: AbortSignal) => {
    const answer = await client.callTool(
      { name, arguments: args },
      { timeout: 60_000, ...(signal && { signal }) },
    )
    const isToFail = args.host === 'gone' || args.path === '/nothing/there'
    if (!isToFail) expect(answer.isError, JSON.stringify([name, args, answer.content])).toBeFalsy()
    return answer
  }
  const run = (host: string, command: string, more: object = {}, signal?: AbortSignal) =>
    call('execute_command', { host, command, ...more }, signal)
  const kinds: (() => Promise<unknown>)[] = [
    () => run('exec-host', `echo ${index}`),
    () => run('shell-host', `${noteScratch(notes)}; x=${index}; cd /usr`),
    () => run('exec-host', 'seq 1 20000'),
    () => run('exec-host', 'echo begun; sleep 30', { timeout_seconds: 0.3 }),
    () => run('shell-host', `${noteScratch(notes)}; sleep 30`, { timeout_seconds: 0.3 }),
    () => run('exec-host', 'sleep 30', {}, AbortSignal.timeout(200)).catch(() => undefined),
    () => run('exec-host', `echo detached ${index}; exit 3`, { detached: true, wait_seconds: 20 }),
    () => run('exec-host', `echo once`, { idempotency_key: `key-${index % 50}` }),
    () => run('gone', 'true'),
    () => run('exec-host', 'kill -9 $$'),
    () => call('run_on_hosts', { hosts: ['exec-host', 'shell-host'], command: `echo ${index}` }),
    () => call('read_file', { host: 'exec-host', path: '/etc/passwd' }),
    () => call('list_directory', { host: 'exec-host', path: '/etc' }),
    () => call('read_file', { host: 'exec-host', path: '/nothing/there' }),
    () => call('describe_host', { host: 'exec-host' }),
    () => call('get_session_stats', {}),
    () => openAndClose(call),
    async () => {
      const begun = await run('exec-host', 'echo handed back; sleep 30', { wait_seconds: 0.1 })
      const { command_id } = begun.structuredContent as { command_id: string }
      await call('cancel_command', { command_id })
      await call('get_command_output', { command_id })
    },
  ]
  await kinds[index % kinds.length]?.()
}

async function openAndClose(
  call: (name: string, args: Record<string, unknown>) => ReturnType<Client['callTool']>,
): Promise<void> {
  const opened = await call('open_session', { host: 'shell-host' })
  const { session } = (opened.structuredContent ?? {}) as { session?: string }
  if (session !== undefined) await call('close_session', { host: 'shell-host', session })
}

/** The private directory of a command in shell mode is in the arguments of its shell. */
function noteScratch(notes: string): string {
  return `tr '\\0' '\\n' </proc/$$/cmdline | grep -o '^/tmp/\\.ssh-mcp-bridge-[0-9a-f]*' >>${notes}`
}

function holdings(pid: number | undefined): Holdings {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    files: readdirSync(`/proc/${pid}/fd`).length,
    residentMiB: Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024),
  }
}
