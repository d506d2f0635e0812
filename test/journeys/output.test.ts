import { readFileSync } from 'node:fs'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusal, type ShellHosts, sh, startShellHosts } from '../kit/shell-hosts.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** `limits.output_bytes` as it is when nobody says otherwise. */
const LIMIT = MIB / 32

let hosts: ShellHosts
let client: Client

beforeAll(async () => {
  hosts = await startShellHosts(['bash'])
  client = await hosts.connect('alice')
})

afterAll(async () => {
  await client?.close()
  await hosts?.stop()
})

describe.each(['bash', 'bash-alone'])('the output of a command on %s', (host) => {
  test('of 1 GB is counted to the byte, its beginning and end are told, and the memory stays small', async () => {
    await sh(client, host, 'head -c 3000000 /dev/zero | tr "\\0" a')
    const startKiB = memoryKiB('VmRSS')
    const ran = await sh(
      client,
      host,
      `echo first; yes 0123456789abcde | head -c ${GIB - 16}; echo the-end-1`,
      {
        timeout_seconds: 300,
      },
    )
    expect(ran).toMatchObject({ exit_status: 0, stdout_bytes: GIB, stderr_bytes: 0, truncated: true })
    expect(ran.stdout).toMatch(/^first\n0123456789abcde\n/)
    expect(ran.stdout).toMatch(/\n0123456789abcde\nthe-end-1\n$/)
    expect(omitted(ran.stdout)).toBe(GIB - Buffer.byteLength(withoutNote(ran.stdout)))
    expect(Buffer.byteLength(ran.stdout)).toBeLessThanOrEqual(LIMIT + 100)
    expect(memoryKiB('VmHWM') - startKiB).toBeLessThan(60 * 1024)
    expect((await sh(client, host, 'echo next')).stdout).toBe('next\n')
  }, 300_000)

  test.each([0, 1, 2, 3])(
    'is never cut inside a character, wherever the edges fall (%i bytes before)',
    async (bytes) => {
      const ran = await sh(
        client,
        host,
        `printf %s '${'x'.repeat(bytes)}'; yes '€😀ü' | head -n 300000 | tr -d '\\n'`,
      )
      expect(ran).toMatchObject({ truncated: true, stdout_bytes: 2_700_000 + bytes })
      expect(ran.stdout).not.toContain('�')
      expect(withoutNote(ran.stdout)).toMatch(/^x*(€😀ü)*€?😀?(😀?ü)?(€😀ü)+$/u)
      expect(omitted(ran.stdout)).toBe(2_700_000 + bytes - Buffer.byteLength(withoutNote(ran.stdout)))
    },
  )

  test('is told whole up to the limit, and cut from one byte more on', async () => {
    const print = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' a`
    expect(await sh(client, host, print(LIMIT))).toMatchObject({
      truncated: false,
      stdout: 'a'.repeat(LIMIT),
    })
    expect(await sh(client, host, print(LIMIT + 1))).toMatchObject({
      truncated: true,
      stdout_bytes: LIMIT + 1,
    })
  })

  test('keeps stdout and stderr apart, and both in order', async () => {
    const ran = await sh(client, host, 'echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three; exit 4')
    expect(ran).toMatchObject({
      stdout: 'one\nthree\n',
      stderr: 'two\n',
      output: 'one\ntwo\nthree\n',
      exit_status: 4,
      stdout_bytes: 10,
      stderr_bytes: 4,
    })
  })

  test('comes without a pager, as git and whoever asks the environment is told', async () => {
    const ask =
      'git var GIT_PAGER; echo "$PAGER,[${SYSTEMD_PAGER-none}],$MANPAGER"; seq 2 | ${PAGER:-sleep 60}'
    const ran = await sh(client, host, ask, { timeout_seconds: 20 })
    expect(ran).toMatchObject({ stdout: 'cat\ncat,[],cat\n1\n2\n', exit_status: 0 })
  })
})

test('pagers are left alone where the configuration says so', async () => {
  const ran = await sh(client, 'bash-paged', 'PATH= ; echo "[${SYSTEMD_PAGER-none}]"')
  expect(ran.stdout).toBe('[none]\n')
})

test('a command too long for one argument runs on a host in shell mode, and is refused with the limit in exec mode', async () => {
  const command = (bytes: number) => `: '${'x'.repeat(bytes - 15)}'; echo long`
  expect(await sh(client, 'bash', command(131_071))).toMatchObject({ stdout: 'long\n', exit_status: 0 })
  expect(await sh(client, 'bash-alone', command(130_000))).toMatchObject({ stdout: 'long\n', exit_status: 0 })
  const refused = await refusal(client, 'execute_command', { host: 'bash-alone', command: command(131_071) })
  expect(refused).toMatch(/too long/)
  expect(refused).toMatch(/\d{6} bytes/)
  const euros = `: '${'€'.repeat(60_000)}'; echo long`
  expect(await sh(client, 'bash', euros)).toMatchObject({ stdout: 'long\n', exit_status: 0 })
  expect(await refusal(client, 'execute_command', { host: 'bash-alone', command: euros })).toMatch(/too long/)
  expect((await sh(client, 'bash-alone', 'echo next')).stdout).toBe('next\n')
})

/** How many bytes the line in the middle says were left out. */
function omitted(text: string): number {
  return Number(/\n\[\.{3} (\d+) of \d+ bytes left out here \.{3}\]\n/.exec(text)?.[1])
}

function withoutNote(text: string): string {
  return text.replace(/\n\[\.{3} \d+ of \d+ bytes left out here \.{3}\]\n/, '')
}

/** Of the product: `VmRSS` what it holds now, `VmHWM` the most it ever held. */
function memoryKiB(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${hosts.product.process.pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1])
}
