import { expect, test } from 'vitest'
import { redactorOf } from '../../test/kit/redactors.ts'
import { secretCount } from '../domain/cleaned.ts'
import { hostName } from '../domain/host.ts'
import type { TerminalLine, TerminalReading } from '../domain/terminal.ts'
import { shapeTerminal } from './shape-terminal.ts'

const SECRET = 'correct-horse-battery'
const redactor = redactorOf(SECRET)

function line(text: string, is: Partial<TerminalLine> = {}): TerminalLine {
  return { text, goesOn: false, joins: false, isShown: true, ...is }
}

function shaped(lines: readonly TerminalLine[], answerBytes = 10_000) {
  const reading: TerminalReading = {
    host: hostName('web-server'),
    session: 'term_x',
    columns: 20,
    rows: 5,
    cursor: { column: 0, row: 0 },
    waited: 'quiet',
    lostLines: 2,
    unreadLines: 0,
    isAlive: true,
    isFullScreen: false,
    lines,
  }
  const answer = shapeTerminal({ kind: 'terminal_used', reading }, redactor, answerBytes)
  if (answer.kind !== 'terminal_used') throw new Error(answer.kind)
  const { view, cleaned } = answer
  const { controls } = cleaned
  return { lines: view.lines, lost: view.lostLines, redactions: secretCount(cleaned), controls }
}

test('a secret on the screen is taken out, as often as it stands there', () => {
  expect(shaped([line(`a ${SECRET} b ${SECRET}`), line('c')])).toMatchObject({
    lines: ['a [redacted] b [redacted]', 'c'],
    redactions: 2,
  })
})

test('one that the margin broke is taken out of both rows, or of three', () => {
  const [first, rest] = [SECRET.slice(0, 9), SECRET.slice(9)]
  const full = { goesOn: true }
  expect(shaped([line(`word: ${first}`, full), line(`${rest} end`)])).toMatchObject({
    lines: ['word: [redacted]', ' end'],
    redactions: 1,
  })
  const three = [line(SECRET.slice(0, 5), full), line(SECRET.slice(5, 10), full), line(SECRET.slice(10))]
  expect(shaped(three)).toMatchObject({ lines: ['[redacted]', '', ''], redactions: 1 })
})

test('rows that do not go on in each other are not taken for a secret', () => {
  expect(shaped([line(SECRET.slice(0, 9)), line(SECRET.slice(9))])).toMatchObject({
    lines: [SECRET.slice(0, 9), SECRET.slice(9)],
    redactions: 0,
  })
})

test('a part of one whose other part is not shown is taken out too', () => {
  const [first, rest] = [SECRET.slice(0, 9), SECRET.slice(9)]
  const hidden = { isShown: false }
  const before = shaped([line(first, { ...hidden, goesOn: true }), line(`${rest} end`)])
  expect(before).toMatchObject({ lines: ['[redacted] end'], redactions: 1 })
  const after = shaped([line(`word: ${first}`, { goesOn: true }), line(rest, hidden)])
  expect(after).toMatchObject({ lines: ['word: [redacted]'], redactions: 1 })
})

test('one that is not shown at all is not counted', () => {
  expect(shaped([line(SECRET, { isShown: false, goesOn: true }), line('end')])).toMatchObject({
    lines: ['end'],
    redactions: 0,
  })
})

test('rows that read as one are joined, characters beyond ASCII whole', () => {
  const joined = shaped([line('häl', { joins: true, goesOn: true }), line('fte'), line(`é${SECRET}漢`)])
  expect(joined.lines).toEqual(['hälfte', 'é[redacted]漢'])
})

test('what does not fit is left out at the beginning, and counted with what was lost', () => {
  const lines = Array.from({ length: 10 }, (_, index) => line(`line ${index}`))
  expect(shaped(lines, 22)).toMatchObject({ lines: ['line 7', 'line 8', 'line 9'], lost: 2 + 7 })
})
