import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROGRAM } from '../kit/product.ts'

/** A home with keys of its own, in which the demo must find and change nothing. */
const place = mkdtempSync(join(tmpdir(), 'demo-journey-'))
const temporary = join(place, 'tmp')
const ssh = join(place, '.ssh')

beforeAll(() => {
  mkdirSync(temporary)
  mkdirSync(ssh, { mode: 0o700 })
  writeFileSync(join(ssh, 'known_hosts'), '127.0.0.1 ssh-ed25519 not-the-key-of-the-demo\n', { mode: 0o600 })
  writeFileSync(join(ssh, 'config'), 'this is not a configuration\n', { mode: 0o600 })
})
afterAll(() => rmSync(place, { recursive: true }))

function demo(...options: string[]): ChildProcessWithoutNullStreams {
  const env = { PATH: process.env.PATH ?? '', HOME: place, TMPDIR: temporary }
  return spawn(process.execPath, [PROGRAM, 'demo', ...options], { env, cwd: place })
}

function follow(child: ChildProcessWithoutNullStreams) {
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString()
  })
  return { text, ended: once(child, 'close').then(([code]) => code as number) }
}

const sshFiles = () => readdirSync(ssh).map((file) => [file, statSync(join(ssh, file)).mtimeMs])

test('the demo tells the whole story, exits 0 and leaves nothing behind', async () => {
  const before = sshFiles()
  const { text, ended } = follow(demo())
  const code = await ended
  const { stdout, stderr } = text
  const ticks = stdout.split('\n').filter((line) => /^[✔✘-] /.test(line))
  expect(ticks.map((line) => line.slice(0, 4).trim())).toEqual(
    Array.from({ length: 13 }, (_, index) => `✔ ${index + 1}`),
  )
  expect(stdout).toMatch(/ INFO User: user@example\.com executed on web-server: uptime; df -h \/$/m)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(readdirSync(temporary)).toEqual([])
  expect(sshFiles()).toEqual(before)
})

test('with --json --keep it prints objects, stays up for a client, and Ctrl-C ends it cleanly', async () => {
  const child = demo('--json', '--keep')
  const { text, ended } = follow(child)
  await expect.poll(() => text.stdout).toMatch(/"url".*\n$/)
  const lines = text.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.slice(0, -1).every(({ state }) => state === 'held')).toBe(true)
  const { url, issuer } = lines.at(-1)
  expect((await fetch(url, { method: 'POST' })).status).toBe(401)
  expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(readdirSync(temporary)).toEqual([])
})

test('when nobody reads the steps any more it ends and leaves nothing behind', async () => {
  const child = demo('--keep')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'exit')
  expect(code).toBe(1)
  expect(readdirSync(temporary)).toEqual([])
})
