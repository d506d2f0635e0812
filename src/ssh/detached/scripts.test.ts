import { type ExecFileSyncOptionsWithStringEncoding, execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PollAnswer, readPollAnswer } from './poll-answer.ts'
import { pollScript, type Removal } from './poll-script.ts'
import { type Asking, startScript } from './start-script.ts'

const NONCE = 'f'.repeat(32)
const ID = `cmd_${'s'.repeat(22)}`
let directory: string
let home: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bridge-scripts-'))
  home = join(directory, 'home')
  mkdirSync(home)
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
  rmSync(`/tmp/.ssh-mcp-bridge-${ID}`, { recursive: true, force: true })
})

const plan = (command: string) => ({
  id: ID,
  mark: 'ab'.repeat(16),
  command,
  disablePager: true,
  asRoot: false,
  keptBytes: 1_000_000,
  attribution: {},
})
const start = (command: string, asking: Asking = { kind: 'first' }) =>
  startScript(plan(command), NONCE, asking)

interface Shell {
  readonly shell: string
  readonly path: string
}
const usual: Shell = { shell: '/bin/sh', path: process.env.PATH ?? '' }

/** As sshd does it, in a session of its own; what it says, without our own words around it. */
function say(script: string, { shell, path }: Shell = usual): string {
  const options: ExecFileSyncOptionsWithStringEncoding = {
    input: script.replaceAll('/bin/sh', shell),
    encoding: 'utf8',
    env: { PATH: path, SHELL: shell, HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  }
  return execFileSync('setsid', [shell, '-c', 'eval "$(cat)"'], options)
}
const answer = (script: string, shell?: Shell) =>
  say(script, shell).trim().split('\n')[0]?.replace(`${NONCE} `, '') ?? ''

function poll(
  shell?: Shell,
  remove: readonly Removal[] = [],
  take: readonly string[] = [],
): PollAnswer | undefined {
  const wanted = [{ id: ID, stdout: 0, stderr: 0, bytes: 100_000 }]
  return readPollAnswer(Buffer.from(say(pollScript(NONCE, wanted, { remove, take }), shell)), NONCE)
}
const stateNow = (shell?: Shell) => poll(shell)?.runs.get(ID)?.state.kind
const own = () => join(home, '.local/state/ssh-mcp-bridge', ID)

describe('the script that begins a run', () => {
  test('does nothing when only a part of it arrived', () => {
    const whole = start('echo ran')
    for (let length = 0; length < whole.length - 2; length += 97) {
      try {
        say(whole.slice(0, length))
      } catch {
        // A syntax error, as it should be.
      }
      expect(readdirSync(home)).toEqual([])
    }
  })

  test('begins a run once, and later says that it is there', async () => {
    const count = join(directory, 'count')
    expect(answer(start(`echo ran >>${count}`))).toBe('started')
    expect(answer(start(`echo ran >>${count}`))).toBe('present')
    expect(answer(start(`echo ran >>${count}`, { kind: 'again', ageSeconds: 1 }))).toBe('present')
    expect(answer(start('true', { kind: 'claim' }))).toBe('present')
    await expect.poll(() => stateNow()).toBe('ended')
    expect(readFileSync(count, 'utf8')).toBe('ran\n')
  })

  test('begins nothing under a name that was taken, whoever comes late', () => {
    expect(answer(start('true', { kind: 'claim' }))).toBe('dropped')
    expect(answer(start('true'))).toBe('present')
    expect(stateNow()).toBe('dropped')
  })

  test('begins nothing again on a machine that was started after the first asking', () => {
    const longAgo = { kind: 'again', ageSeconds: 1_000_000_000 } as const
    expect(answer(start('true', longAgo))).toBe('unsure')
    expect(existsSync(own())).toBe(false)
    expect(answer(start('true', { kind: 'again', ageSeconds: 0 }))).toBe('started')
  })

  test('begins nothing again in /tmp when the home takes nothing any more', () => {
    home = '/proc/nothing'
    expect(answer(start('true', { kind: 'again', ageSeconds: 0 }))).toBe('unsure')
    expect(answer(start('true'))).toBe('started')
    expect(answer(start('true', { kind: 'again', ageSeconds: 0 }))).toBe('present')
  })

  test('keeps everything of a run from other users', async () => {
    answer(start('echo out; umask'))
    await expect.poll(() => stateNow()).toBe('ended')
    const modes = execFileSync('find', [own(), '-printf', '%m\n'], { encoding: 'utf8' }).trim().split('\n')
    expect(new Set(modes)).toEqual(new Set(['700', '600']))
  })
})

test('once its end was taken, a run leaves nothing, or only its name', async () => {
  answer(start('true'))
  await expect.poll(() => stateNow()).toBe('ended')
  poll(usual, [{ id: ID, keepName: true }])
  expect(readdirSync(own())).toEqual(['state.dropped'])
  expect(answer(start('true'))).toBe('present')
  poll(usual, [{ id: ID, keepName: false }])
  expect(existsSync(own())).toBe(false)
})

test('what nobody came for is removed after a week, and a name that another user made in /tmp removes nothing', async () => {
  const longAgo = new Date('2020-01-01')
  const old = join(own(), '..', `cmd_${'o'.repeat(22)}`)
  const young = join(own(), '..', `cmd_${'y'.repeat(22)}`)
  for (const run of [old, young]) {
    mkdirSync(run, { recursive: true })
    writeFileSync(join(run, 'state.ended.0.0.0.0.0'), '')
  }
  const hostile = [
    `/tmp/.ssh-mcp-bridge-cmd_${NONCE}\n`,
    `/tmp/.ssh-mcp-bridge-cmd_${NONCE}\ncmd_${'y'.repeat(22)}`,
  ]
  for (const name of hostile) mkdirSync(name)
  try {
    for (const path of [old, ...hostile]) utimesSync(path, longAgo, longAgo)
    answer(start('true'))
    await expect.poll(() => stateNow()).toBe('ended')
    await expect.poll(() => existsSync(old)).toBe(false)
    // Its sweeper looks through /tmp last.
    const isOver = () => spawnSync('pgrep', ['-f', join(own(), 'supervise')]).status === 1
    await expect.poll(() => isOver()).toBe(true)
    expect(existsSync(young)).toBe(true)
    expect(existsSync(own())).toBe(true)
  } finally {
    for (const name of hostile) rmSync(name, { recursive: true, force: true })
  }
})

test('a run that has not begun can be kept from beginning, and one that has cannot', async () => {
  answer(start('sleep 1'))
  await expect.poll(() => stateNow()).toBe('running')
  expect(poll(usual, [], [ID])?.runs.get(ID)?.state.kind).toBe('running')
  const waiting = join(own(), '..', ID.replace('s', 't'))
  mkdirSync(waiting)
  execFileSync('touch', [join(waiting, 'state.wait')])
  say(
    pollScript(NONCE, [{ id: ID.replace('s', 't'), stdout: 0, stderr: 0, bytes: 1 }], {
      take: [ID.replace('s', 't')],
    }),
  )
  expect(readdirSync(waiting)).toEqual(['state.dropped'])
})

test('all scripts work with the shell and the tools of BusyBox alone', async () => {
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  execFileSync('busybox', ['--install', '-s', bin], { stdio: 'ignore' })
  const busybox = { shell: join(bin, 'ash'), path: bin }
  expect(answer(start('seq 1 30000; echo err >&2; kill -9 $$'), busybox)).toBe('started')
  await expect.poll(() => stateNow(busybox)).toBe('ended')
  const report = poll(busybox)?.runs.get(ID)
  const text = Array.from({ length: 30_000 }, (_, index) => `${index + 1}\n`).join('')
  expect(report).toMatchObject({
    state: { kind: 'ended', status: 137, wasKilled: true, bytes: { stdout: text.length, stderr: 4 } },
  })
  const [piece] = report?.pieces.stdout ?? []
  expect(text.startsWith(piece?.bytes.toString() ?? 'nothing')).toBe(true)
  expect(poll(busybox, [{ id: ID, keepName: false }])?.kept).toEqual([])
  expect(existsSync(own())).toBe(false)
})
