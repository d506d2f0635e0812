import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp, ERAS, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { type ShellRun, sh } from '../kit/shell-hosts.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../kit/tcp-proxy.ts'

/** What bridges of this kind fail at, each asked at the product's door. The last two own a host whose key changes. */
const RUN = process.pid
const HOSTS = ['exec-host', 'shell-host']

let sshd: Sshd
let changing: Sshd
let proxy: TcpProxy
let home: Home
let product: Product

beforeAll(async () => {
  ;[sshd, changing, home] = await Promise.all([startSshd(), startSshd(), makeHome()])
  proxy = await startTcpProxy(sshd.port)
  const knownHosts = join(home.directory, 'known_hosts')
  writeFileSync(knownHosts, `${changing.knownHostsLine}\n`)
  const port = String(proxy.port)
  home.configure(
    [
      `ssh: {known_hosts: [${knownHosts}]}`,
      'limits: {output_bytes: 1048576}',
      'hosts:',
      hostYaml('exec-host', sshd, { port }),
      hostYaml('shell-host', sshd, { port, execution_mode: 'shell' }),
      hostYaml('changing-host', changing, { host_key: '' }),
    ].join('\n'),
  )
  product = await startProduct(home)
})

afterAll(async () => {
  await product?.stop()
  await proxy?.stop()
  await Promise.all([sshd?.stop(), changing?.stop()])
  await home?.remove()
})

const connect = (era: (typeof ERAS)[number] = 'modern') => connectHttp(`${product.url}/mcp`, undefined, era)

async function connected<T>(era: (typeof ERAS)[number], use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(era)
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

describe.each(ERAS)('with a %s client', (era) => {
  test.each(HOSTS)('notifications/cancelled kills the remote process on %s', async (host) => {
    const mark = `probe-cancel-${era}-${host}-${RUN}`
    await connected(era, async (client) => {
      const stop = new AbortController()
      const call = client.callTool(
        { name: 'execute_command', arguments: { host, command: `sh -c ': ${mark}; sleep 300; :'` } },
        { signal: stop.signal },
      )
      await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
      stop.abort()
      await expect(call).rejects.toThrow()
      await expect.poll(() => processesWith(mark)).toEqual([])
    })
  })

  test('the answer is structured content that fits the schema of the tool, and text that says the same', async () => {
    await connected(era, async (client) => {
      // The client checks the answer against the schema of a tool that it has listed.
      const { tools } = await client.listTools()
      for (const tool of tools) expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' })
      const command = 'echo out; echo err >&2; exit 3'
      const answer = await client.callTool({
        name: 'execute_command',
        arguments: { host: 'exec-host', command },
      })
      expect(answer.structuredContent).toMatchObject({
        host: 'exec-host',
        command,
        stdout: 'out\n',
        stderr: 'err\n',
        exit_status: 3,
        success: false,
      })
      const [block] = answer.content
      expect(block).toMatchObject({ type: 'text', text: expect.stringMatching(/exit 3[\s\S]*out[\s\S]*err/) })
    })
  })
})

describe.each(HOSTS)('on %s', (host) => {
  const onHost = (command: string, more: Record<string, unknown> = {}) =>
    connected('modern', (client) => sh(client, host, command, more))

  test('what was printed before a time-out comes back with it', async () => {
    const ran = await onHost('echo begun; echo warned >&2; sleep 300; echo never', { timeout_seconds: 1 })
    expect(ran).toMatchObject({
      outcome: 'timed_out',
      stdout: 'begun\n',
      stderr: 'warned\n',
      success: false,
      exit_status: null,
    })
  })

  test('a time-out kills the remote process and those it had started', async () => {
    const mark = `probe-timeout-${host}-${RUN}`
    const child = `sh -c ': ${mark}; sleep 300; :'`
    const ran = await onHost(`${child} & setsid ${child} & (trap "" TERM; ${child}) & ${child}`, {
      timeout_seconds: 1,
    })
    expect(ran).toMatchObject({ outcome: 'timed_out', remote: { state: 'stopped' } })
    expect(processesWith(mark)).toEqual([])
  })

  test('a job left in the background does not keep the answer: `sleep 60 &` returns at once', async () => {
    const ran = await onHost('sleep 60 & echo left behind')
    expect(ran).toMatchObject({ outcome: 'exited', exit_status: 0, stdout: 'left behind\n' })
    expect(ran.duration_ms).toBeLessThan(10_000)
    const [, pid] = /^(\d+)$/m.exec((await onHost('sleep 60 & echo $!')).stdout) ?? []
    await onHost(`kill ${pid}`)
  })

  test('a connection that is lost mid-command is told as such, never as exit 0', async () => {
    const mark = `probe-lost-${host}-${RUN}`
    // The mark is whole in the inner shell alone, which begins once the text is out.
    const running = onHost(`echo so far; sleep 1; end=${RUN}; sh -c ": probe-lost-${host}-$end; sleep 2; :"`)
    await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
    proxy.cut()
    const ran = await running
    expect(ran).toMatchObject({ outcome: 'unknown', success: false, exit_status: null, stdout: 'so far\n' })
    expect(ran.outcome_reason).toContain('connection was lost')
    expect(await onHost('echo again')).toMatchObject({ stdout: 'again\n', exit_status: 0 })
  })

  test('a character of several bytes is never split, neither by a piece of the stream nor by the end of a page', async () => {
    const text = `x${'é€😀'.repeat(400)}`
    const inPieces = `printf 'a\\303'; sleep 0.2; printf '\\251\\342'; sleep 0.2; printf '\\202\\254b'`
    expect((await onHost(inPieces)).stdout).toBe('aé€b')
    await connected('modern', async (client) => {
      const ran = (await run(client, host, `printf %s '${text}'`)) as ShellRun & { command_id: string }
      expect(ran.stdout).toBe(text)
      for (const maxBytes of [256, 257, 258, 259, 1_000]) {
        let [offset, whole] = [0, '']
        for (let more = true; more; ) {
          const page = await pageOf(client, { command_id: ran.command_id, offset, max_bytes: maxBytes })
          expect(page.output).not.toContain('�')
          whole += page.output
          offset = page.next_offset
          more = page.has_more
        }
        expect(whole, `pages of ${maxBytes} bytes`).toBe(text)
      }
      for (const tail of [1, 2, 3, 4, 5, 6]) {
        const { output } = await pageOf(client, { command_id: ran.command_id, tail })
        expect(text.endsWith(output), `the last ${tail} bytes: ${output}`).toBe(true)
      }
    })
  })

  test('20,000 lines printed as fast as can be arrive whole and in order', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1} of output\n`).join('')
    const command =
      'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo "line $i of output"; done; echo done >&2; exit 5'
    const ran = await onHost(command)
    expect(ran).toMatchObject({ stderr: 'done\n', exit_status: 5, truncated: false })
    expect(digest(ran.stdout)).toBe(digest(lines))
  })
})

test('`exit` in a session gives its status, and the session goes on', async () => {
  await connected('modern', async (client) => {
    await sh(client, 'shell-host', 'cd /usr; kept=yes')
    expect(await sh(client, 'shell-host', 'kept=still; exit 7')).toMatchObject({
      outcome: 'exited',
      exit_status: 7,
    })
    expect((await sh(client, 'shell-host', 'pwd; echo $kept')).stdout).toBe('/usr\nstill\n')
  })
})

test('an unterminated quote ends with an error of the shell and does not hang the session', async () => {
  await connected('modern', async (client) => {
    await sh(client, 'shell-host', 'kept=yes')
    for (const command of ["echo 'never closed", 'echo "never closed', 'echo $(never closed', 'cat <<END']) {
      const ran = await sh(client, 'shell-host', command, { timeout_seconds: 20 })
      expect(ran.outcome, command).toBe('exited')
      expect(ran.duration_ms, command).toBeLessThan(10_000)
    }
    expect((await sh(client, 'shell-host', 'echo $kept')).stdout).toBe('yes\n')
  })
})

describe('a host whose key is another one than the known one', () => {
  const refusal = async () => {
    const answer = await connected('modern', (client) =>
      client.callTool({
        name: 'execute_command',
        arguments: { host: 'changing-host', command: 'echo no' },
      }),
    )
    expect(answer.isError).toBe(true)
    return JSON.stringify(answer.content)
  }

  test('is refused by default, before any credential is sent', async () => {
    const before = await connected('modern', (client) => run(client, 'changing-host', 'echo trusted'))
    expect(before).toMatchObject({ stdout: 'trusted\n' })
    await changing.restartWithOtherHostKey()
    const attempts = changing.authenticationAttempts()
    expect(await refusal()).toContain('host_key_mismatch')
    expect(changing.authenticationAttempts()).toBe(attempts)
  })

  test('is refused also after a restart of the bridge', async () => {
    await product.stop()
    product = await startProduct(home)
    const attempts = changing.authenticationAttempts()
    expect(await refusal()).toContain('host_key_mismatch')
    expect(changing.authenticationAttempts()).toBe(attempts)
    // Its twin: whoever is told to trust the new key is let in.
    writeFileSync(join(home.directory, 'known_hosts'), `${changing.knownHostsLine}\n`)
    const after = await connected('modern', (client) => run(client, 'changing-host', 'echo trusted'))
    expect(after).toMatchObject({ stdout: 'trusted\n' })
  })
})

interface Page {
  readonly output: string
  readonly next_offset: number
  readonly has_more: boolean
}

async function pageOf(client: Client, args: Record<string, unknown>): Promise<Page> {
  const page = await client.callTool({ name: 'get_command_output', arguments: { stream: 'stdout', ...args } })
  return page.structuredContent as unknown as Page
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
