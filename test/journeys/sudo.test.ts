import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { refusal } from '../kit/shell-hosts.ts'
import { SUDO_USER, type SudoHost, startSudoHost, sudoPassword } from '../kit/sudo-user.ts'

let bash: SudoHost
let dash: SudoHost
let home: Home
let product: Product
let client: Client
const KEY = 'sudo-journey-key-0123456789'

beforeAll(async () => {
  ;[bash, dash, home] = await Promise.all([startSudoHost('bash'), startSudoHost('dash'), makeHome()])
  const host = (name: string, { sshd }: SudoHost, more: Record<string, string> = {}) =>
    hostYaml(name, sshd, { username: SUDO_USER, ...more })
  const password = '{password: "${file:/etc/ssh-mcp-test.password}"}'
  home.configure(`server: {api_key: ${KEY}, log_level: DEBUG}
hosts:
${host('asks', bash, { sudo: password })}${host('keeps', bash, { sudo: password, execution_mode: 'shell' })}${host('free', dash, { sudo: 'nopasswd' })}${host('wrong', bash, { sudo: '{password: not-the-password}' })}${host('none', bash)}`)
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, KEY)
})

afterAll(async () => {
  await client?.close()
  await product?.stop()
  await Promise.all([bash?.stop(), dash?.stop()])
  await home?.remove()
})

const root = (host: string, command: string, more: Record<string, unknown> = {}) =>
  run(client, host, command, { sudo: true, ...more })

describe('sudo, from the caller to the host', () => {
  test.each(['asks', 'free', 'keeps'])(
    'a command runs as root on %s, and as the login without it',
    async (host) => {
      expect(await root(host, 'id -un; echo err >&2; exit 4')).toMatchObject({
        stdout: 'root\n',
        stderr: 'err\n',
        exit_status: 4,
        outcome: 'exited',
      })
      expect(await run(client, host, 'id -un')).toMatchObject({ stdout: `${SUDO_USER}\n`, exit_status: 0 })
    },
  )

  test('begins in the directory of the session, which is not changed', async () => {
    await run(client, 'keeps', 'cd /usr/lib; kept=yes')
    expect(await root('keeps', 'pwd; cd /; kept=no')).toMatchObject({ stdout: '/usr/lib\n' })
    expect(await run(client, 'keeps', 'pwd; echo $kept')).toMatchObject({ stdout: '/usr/lib\nyes\n' })
    expect(await root('keeps', 'pwd', { working_directory: '/root' })).toMatchObject({ stdout: '/root\n' })
  })

  test('is ended with all that it started when its time is up', async () => {
    const mark = `sleep 5161.${process.pid}`
    const ran = await root('asks', `echo before; setsid ${mark} & ${mark}`, { timeout_seconds: 1 })
    expect(ran).toMatchObject({ outcome: 'timed_out', stdout: 'before\n', remote: { state: 'stopped' } })
    expect(execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })).not.toContain(`\n${mark}`)
  })

  test.each([
    ['wrong', /does not take the configured password.*Nothing was run/],
    ['none', /takes no sudo.*hosts\[\]\.sudo/],
  ])('that cannot be had on %s is said so, and nothing is run', async (host, words) => {
    const said = await refusal(client, 'execute_command', { host, command: 'id', sudo: true })
    expect(said).toMatch(words)
    expect(said).not.toContain(SUDO_USER)
    expect(await run(client, host, 'id -un')).toMatchObject({ stdout: `${SUDO_USER}\n` })
  })

  test('is told by list_hosts where it is taken', async () => {
    const { structuredContent } = await client.callTool({ name: 'list_hosts', arguments: {} })
    const { hosts } = structuredContent as { hosts: { name: string; sudo: boolean }[] }
    expect(Object.fromEntries(hosts.map(({ name, sudo }) => [name, sudo]))).toMatchObject({
      asks: true,
      free: true,
      none: false,
    })
  })

  test('leaves its password nowhere: not in an answer, a log, the audit, what is stored, nor the history', async () => {
    const secret = sudoPassword()
    const shown = await root('asks', 'cat /etc/ssh-mcp-test.password; env; history; cat ~/.bash_history')
    expect(shown.stdout).toContain('[redacted]')
    expect(JSON.stringify(shown)).not.toContain(secret)
    expect(product.stderr()).not.toContain(secret)
    expect(product.stderr()).not.toContain('not-the-password')
    const records = home.auditRecords().map((record) => JSON.stringify(record))
    expect(records.some((record) => record.includes('sudo_failed'))).toBe(true)
    for (const file of filesBelow(home.directory).filter((path) => path !== home.configPath))
      expect(readFileSync(file, 'latin1').includes(secret), file).toBe(false)
    for (const { sshd } of [bash, dash]) expect(sshd.log()).not.toContain(secret)
  })
})

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
}
