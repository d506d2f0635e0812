import { describe, expect, test } from 'vitest'
import { readPollAnswer } from './poll-answer.ts'

const NONCE = 'a'.repeat(32)
const ID = `cmd_${'x'.repeat(22)}`
const answer = (...parts: readonly (string | Buffer)[]) =>
  readPollAnswer(Buffer.concat(parts.map((part) => Buffer.from(part))), NONCE)
const run = (state: string, leader = 'leader.77.5', alive = '-', out = 'room', err = 'room') =>
  `\n${NONCE} run ${ID} ${state} ${leader} ${alive} ${out} ${err}\n`
const end = `\n${NONCE} end\n`

describe('what a host says of its runs', () => {
  test('is read whatever the login shell printed before it', () => {
    expect(answer('Welcome\n', run('state.wait', 'leader'), end)?.runs.get(ID)).toMatchObject({
      state: { kind: 'waiting' },
      supervisor: 'none',
    })
  })

  test('counts only when it is whole', () => {
    expect(answer(run('state.wait'))).toBeUndefined()
    expect(answer(run('state.wait'), `\n${NONCE} en`)).toBeUndefined()
    expect(answer('')).toBeUndefined()
  })

  test('gives output byte for byte, with line ends and zeros, and nothing where nothing was read', () => {
    const bytes = Buffer.from([0, 10, 10, 255, 10, 97, 10])
    const said = answer(
      run('state.begun.5.6', 'leader.77.5', 'up'),
      `\n${NONCE} data ${ID} out 4096\n`,
      bytes,
      `\n${NONCE} data ${ID} err 0\n`,
      end,
    )?.runs.get(ID)
    expect(said).toMatchObject({ state: { kind: 'running' }, processGroup: 77, supervisor: 'up' })
    expect(said?.pieces.stdout).toEqual([{ offset: 4096, bytes }])
    expect(said?.pieces.stderr).toEqual([{ offset: 0, bytes: Buffer.alloc(0) }])
  })

  test('tells how a run ended, and what there was no room for', () => {
    expect(
      answer(run('state.ended.143.1.12.7.3', 'leader.9.1', '-', 'lost.55', 'full'), end)?.runs.get(ID),
    ).toMatchObject({
      state: { kind: 'ended', status: 143, wasKilled: true, bytes: { stdout: 12, stderr: 7 }, seconds: 3 },
      room: { stdout: { kind: 'cut', lostBytes: 55 }, stderr: { kind: 'cut' } },
    })
  })

  test.each([
    ['state.dropped', 'dropped'],
    ['state.norun', 'not_run'],
    ['gone', 'gone'],
    ['-', 'changing'],
  ])('knows the state %s', (name, kind) => {
    expect(answer(run(name, '-'), end)?.runs.get(ID)?.state).toEqual({ kind })
  })

  test.each(['leader', 'leader.0.5', 'leader.1.5', 'leader.-1.5'])(
    'takes no process group from %s',
    (leader) => {
      expect(answer(run('state.wait', leader), end)?.runs.get(ID)?.processGroup).toBeUndefined()
    },
  )
})
