import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  MadeLog,
  makeKey,
  rechain,
  type Told,
  toldBy,
  toldByPython,
  type VerifyHow,
  verdictOf,
} from '../../test/kit/evidence-log.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-evidence-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const key = makeKey()
const next = makeKey()
const stranger = makeKey()
const how: VerifyHow = { keys: [key.publicKey] }

/** 1 opened, 2 checkpoint, 3–12 calls, 13 checkpoint, 14–23 calls, 24 checkpoint. */
const log = new MadeLog('log_one', key).calls(10).sign().calls(10).sign()
const { lines } = log
const other = new MadeLog('log_two', key).calls(10).sign().calls(10).sign()
const checkpoint = lines[12] ?? ''
const statement = checkpoint.replace(/"_chain":\{[^}]*\},/, '')

const edit = (seq: number, from: RegExp | string, to: string) => (all: readonly string[]) =>
  all.map((line, index) => (index + 1 === seq ? line.replace(from, to) : line))
const drop =
  (seq: number, count = 1) =>
  (all: readonly string[]) =>
    all.filter((_, index) => index + 1 < seq || index + 1 >= seq + count)
const text = (all: readonly string[]) => `${all.join('\n')}\n`

interface Case {
  readonly title: string
  readonly tamper: (lines: readonly string[]) => readonly string[]
  readonly told: Told
  readonly how?: Partial<VerifyHow>
}

const at = (seq: number, fault: string, line = seq): Told => ({ seq, line, fault })

const CASES: readonly Case[] = [
  { title: 'a command is edited', tamper: edit(7, 'echo', 'ECHO'), told: at(7, 'changed') },
  { title: 'one bit of a time is edited', tamper: edit(3, '00:00:03', '00:00:02'), told: at(3, 'changed') },
  {
    title: 'the last record before a signature is edited',
    tamper: edit(12, 'echo', 'Echo'),
    told: at(12, 'changed'),
  },
  {
    title: 'the first record after a signature is edited',
    tamper: edit(14, 'echo', 'Echo'),
    told: at(14, 'changed'),
  },
  {
    title: 'the digest of the record before is edited',
    tamper: edit(8, /"prev":"[0-9a-f]{4}/, '"prev":"0000'),
    told: at(8, 'changed'),
  },
  {
    title: 'the same in a checkpoint',
    tamper: edit(13, /"prev":"[0-9a-f]{4}/, '"prev":"0000'),
    told: at(13, 'changed'),
  },
  {
    title: 'the same in the last record',
    tamper: edit(24, /"prev":"[0-9a-f]{4}/, '"prev":"0000'),
    told: at(24, 'changed'),
  },
  { title: 'a number is raised', tamper: edit(9, '"seq":9', '"seq":10'), told: at(9, 'missing') },
  { title: 'a number is lowered', tamper: edit(9, '"seq":9', '"seq":7'), told: at(9, 'twice') },
  {
    title: 'a signature is edited',
    tamper: edit(13, /"signature":"../, '"signature":"AA'),
    told: at(13, 'bad_signature'),
  },
  {
    title: 'what is signed is edited',
    tamper: edit(13, '"signed":12', '"signed":11'),
    told: at(13, 'bad_signature'),
  },
  {
    title: 'the time of the last checkpoint is edited',
    tamper: edit(24, '00:00:24', '00:00:25'),
    told: at(24, 'bad_signature'),
  },
  {
    title: 'a member is added to the last checkpoint',
    tamper: edit(24, '"at"', '"aa":1,"at"'),
    told: at(24, 'changed'),
  },
  {
    title: 'a space is put into the last checkpoint',
    tamper: edit(24, '"at":', '"at": '),
    told: at(24, 'changed'),
  },
  {
    title: 'the key of a checkpoint is edited',
    tamper: edit(13, /"key":"../, '"key":"AA'),
    told: at(13, 'untrusted_key'),
  },
  { title: 'a line is torn', tamper: edit(6, /.{9}$/, ''), told: at(6, 'not_a_record') },
  { title: 'a line is emptied', tamper: edit(6, /.*/, ''), told: at(6, 'not_a_record') },
  { title: 'a record is deleted', tamper: drop(9), told: at(9, 'missing') },
  { title: 'several are deleted', tamper: drop(9, 4), told: at(9, 'missing') },
  { title: 'a checkpoint is deleted', tamper: drop(13), told: at(13, 'missing') },
  { title: 'the first record is deleted', tamper: drop(1), told: at(1, 'beginning_missing') },
  {
    title: 'two records are swapped',
    tamper: (all) => [...all.slice(0, 6), all[7] ?? '', all[6] ?? '', ...all.slice(8)],
    told: at(7, 'missing'),
  },
  {
    title: 'a record is there twice',
    tamper: (all) => [...all.slice(0, 7), all[6] ?? '', ...all.slice(7)],
    told: at(8, 'twice'),
  },
  {
    title: 'an old record is there again',
    tamper: (all) => [...all.slice(0, 20), all[6] ?? '', ...all.slice(20)],
    told: at(21, 'twice'),
  },
  { title: 'the end is cut off', tamper: (all) => all.slice(0, 20), told: at(21, 'truncated') },
  { title: 'the last checkpoint is cut off', tamper: (all) => all.slice(0, 23), told: at(24, 'truncated') },
  {
    title: 'the end is cut off, and a checkpoint of before put in its place',
    tamper: (all) => rechain([...all.slice(0, 20), checkpoint]),
    told: at(22, 'truncated'),
  },
  {
    title: 'what comes after a checkpoint is edited, the chain made anew, and the checkpoint put at the end',
    tamper: (all) => rechain([...edit(17, 'echo', 'ECHO')(all).slice(0, 23), checkpoint], 17),
    told: at(25, 'truncated'),
  },
  { title: 'everything is gone', tamper: () => [''], told: at(1, 'not_a_record') },
  {
    title: 'the end is of another log',
    tamper: (all) => [...all.slice(0, 16), ...other.lines.slice(16)],
    told: at(17, 'changed'),
  },
  {
    title: 'it is another log',
    tamper: () => other.lines,
    told: at(1, 'another_log'),
    how: { log: 'log_one' },
  },
  {
    title: 'the end is of another log, chained on',
    tamper: (all) => rechain([...all.slice(0, 16), ...other.lines.slice(16)]),
    told: at(24, 'another_log'),
  },
  {
    title: 'a record is edited and the chain made anew',
    tamper: (all) => rechain(edit(7, 'echo', 'ECHO')(all), 7),
    told: at(13, 'made_anew'),
  },
  {
    title: 'a record is deleted and the chain made anew',
    tamper: (all) => rechain(drop(7)(all), 7),
    told: at(12, 'made_anew'),
  },
  {
    title: 'the chain is made anew and signed with another key',
    tamper: () => new MadeLog('log_one', stranger).calls(5).sign().lines,
    told: at(1, 'untrusted_key'),
  },
  {
    title: 'checkpoints are removed and the chain made anew',
    tamper: (all) => rechain(all.filter((line) => !line.includes('audit.checkpoint'))),
    told: at(1, 'unsigned', 22),
    how: { live: true },
  },
  {
    title: 'it is cut back to an earlier checkpoint, which an anchor knows',
    tamper: (all) => all.slice(0, 13),
    told: at(14, 'cut_back'),
    how: { anchors: [lines[23] ?? ''] },
  },
  {
    title: 'it is made anew, which an anchor knows',
    tamper: (all) => rechain(edit(7, 'echo', 'ECHO')(all).slice(0, 12), 7),
    told: at(12, 'anchor_differs'),
    how: { anchors: [statement], live: true },
  },
  {
    title: 'an anchor is of another log',
    tamper: (all) => all,
    told: { seq: 12, line: 12, fault: 'another_log' },
    how: { anchors: [other.lines[12] ?? ''] },
  },
]

describe('a log that was tampered with', () => {
  test.each(CASES.map((one) => [one.title, one] as const))('%s', async (_, { tamper, told, how: more }) => {
    const bad = text(tamper(lines))
    expect(toldBy(await verdictOf(bad, { ...how, ...more }))).toEqual(told)
  })

  test('is found by the independent verifier too, which names the same record', () => {
    const texts = CASES.map(({ tamper, how: more }) => [text(tamper(lines)), { ...how, ...more }] as const)
    const answers = toldByPython(texts, directory)
    expect(CASES.map(({ title }, index) => ({ title, told: answers[index] }))).toEqual(
      CASES.map(({ title, told }) => ({ title, told })),
    )
  })

  test('an anchor that is edited counts for nothing, and is told', async () => {
    const anchors = [statement.replace('"signed":12', '"signed":11')]
    await expect(verdictOf(text(lines), { ...how, anchors })).rejects.toThrow('no signed statement')
    expect(toldByPython([[text(lines), { ...how, anchors }]], directory)[0]?.fault).toBe('bad_anchor')
  })
})

describe('a log as it was written', () => {
  const rotated = new MadeLog('log_three', key).calls(3).rotate(next).calls(3).sign()
  const two = new MadeLog('log_four', key).calls(9).sign(3).sign(2).calls(2).sign(1).sign()
  const pruned = new MadeLog('log_five', key).calls(9).sign().prune(8).calls(3).sign()
  const lost = new MadeLog('log_six', key)
    .calls(3)
    .sign()
    .add('audit.key_added', { added: next.publicKey, log: 'log_six' })
  lost.key = next
  lost.calls(2).sign()
  const GOOD: readonly [title: string, text: string, how?: Partial<VerifyHow>][] = [
    ['is good', text(lines)],
    ['is good without a newline at its end', lines.join('\n')],
    [
      'is good while it is written, though its end is not signed yet',
      text(lines.slice(0, 20)),
      { live: true },
    ],
    ['is good with anchors of before', text(lines), { anchors: [statement, checkpoint, lines[23] ?? ''] }],
    ['is good when keys were changed by their owner', text(rotated.lines)],
    ['is good when several instances signed it', text(two.lines)],
    ['is good when what is too old was removed', text(pruned.lines.slice(8))],
    ['is good when that has not happened yet', text(pruned.lines)],
    [
      'is good after a key was lost, for whoever knows the new one',
      text(lost.lines),
      { keys: [key.publicKey, next.publicKey] },
    ],
    ['is good in a piece', text(lines.slice(15)), { part: true }],
  ]
  test.each(GOOD)('%s', async (_, good, more) => {
    expect(toldBy(await verdictOf(good, { ...how, ...more }))).toEqual({ fault: 'good' })
  })

  test('is good for the independent verifier too', () => {
    const answers = toldByPython(
      GOOD.map(([, good, more]) => [good, { ...how, ...more }] as const),
      directory,
    )
    expect(answers).toEqual(GOOD.map(() => ({ fault: 'good' })))
  })

  test('says what is signed', async () => {
    expect(await verdictOf(text(lines), how)).toMatchObject({
      log: 'log_one',
      records: 24,
      last: 24,
      signedTo: 23,
      unsigned: 1,
    })
  })

  test('is bad when more was removed than a signed record says', async () => {
    const bad = text(pruned.lines.slice(9))
    expect(toldBy(await verdictOf(bad, how))).toEqual({ seq: 1, line: 1, fault: 'beginning_missing' })
    expect(toldByPython([[bad, how]], directory)).toEqual([{ seq: 1, line: 1, fault: 'beginning_missing' }])
  })

  test('is bad when a key was added that nobody who is trusted has signed', async () => {
    expect(toldBy(await verdictOf(text(lost.lines), how)).fault).toBe('untrusted_key')
    expect(toldByPython([[text(lost.lines), how]], directory)[0]?.fault).toBe('untrusted_key')
  })
})
