import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  MadeLog,
  makeKey,
  toldBy,
  toldByPython,
  type VerifyHow,
  verdictOf,
} from '../../test/kit/evidence-log.ts'
import { SHAPES, shaped } from '../../test/kit/tamper.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-shapes-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** 1 opened, 2 checkpoint, 3–5 calls, 6 checkpoint. */
const key = makeKey()
const { lines } = new MadeLog('log_shapes', key).calls(3).sign()
const how: VerifyHow = { keys: [key.publicKey] }
const statement = (lines[1] ?? '').replace(/"_chain":\{[^}]*\},/, '')
const DEEP = '['.repeat(200_000) + ']'.repeat(200_000)

const membersOf = (line = '') => Object.keys(JSON.parse(line)).filter((name) => name !== '_chain')
const ofEach = (line: string | undefined, shapes: readonly string[]) =>
  membersOf(line).flatMap((name) => shapes.map((shape) => [name, shape] as const))

test('a record with a member of any other shape is named by both verifiers', async () => {
  // Of a call only what looks like a signed record is read.
  const isRead = (shape: string) => shape.includes('"type":"audit.')
  const cases = [2, 3].flatMap((seq) =>
    ofEach(lines[seq - 1], seq === 2 ? SHAPES : SHAPES.filter(isRead)).map(([name, shape]) => {
      const changed = lines.map((line, index) => (index + 1 === seq ? shaped(line, name, shape) : line))
      return { about: `record ${seq}: ${name} is ${shape}`, seq, text: `${changed.join('\n')}\n` }
    }),
  )
  const told = await Promise.all(cases.map(({ text }) => verdictOf(text, how)))
  const others = toldByPython(
    cases.map(({ text }) => [text, how] as const),
    directory,
  )
  expect(cases.map(({ about }, index) => ({ about, told: others[index] }))).toEqual(
    cases.map(({ about }, index) => ({ about, told: toldBy(told[index] ?? never()) })),
  )
  expect(told.map(({ bad }) => bad?.seq)).toEqual(cases.map(({ seq }) => seq))
})

test('so is one that is nested deeper than any program follows', async () => {
  for (const name of ['_chain', 'at', 'more']) {
    const text = `${[lines[0], shaped(lines[1] ?? '', name, DEEP), ...lines.slice(2)].join('\n')}\n`
    expect(toldBy(await verdictOf(text, how))).toMatchObject({ seq: 2, line: 2 })
    expect(toldByPython([[text, how]], directory)).toEqual([{ seq: 2, line: 2, fault: 'not_a_record' }])
  }
})

test('an anchor of any other shape counts for nothing, and is told', async () => {
  const bad = [
    ...ofEach(statement, SHAPES).map(([name, shape]) => shaped(statement, name, shape)),
    ...[...SHAPES, '{}', DEEP].filter((shape) => shape.trim() !== ''),
  ]
  const others = toldByPython(
    bad.map((anchor) => [`${lines.join('\n')}\n`, { ...how, anchors: [anchor] }] as const),
    directory,
  )
  for (const [index, anchor] of bad.entries()) {
    const about = anchor.slice(0, 200)
    await expect(verdictOf('', { ...how, anchors: [anchor] }), about).rejects.toThrow('no signed statement')
    expect({ about, told: others[index] }).toEqual({ about, told: { seq: 0, line: 1, fault: 'bad_anchor' } })
  }
})

function never(): never {
  throw new Error('no answer')
}
