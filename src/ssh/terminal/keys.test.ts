import { expect, test } from 'vitest'
import { KEY_NAMES, keyBytes } from './keys.ts'

const normal = { applicationCursor: false }
const application = { applicationCursor: true }

test.each([
  ['Enter', '\r'],
  ['Tab', '\t'],
  ['S-Tab', '\x1b[Z'],
  ['Escape', '\x1b'],
  ['C-[', '\x1b'],
  ['Backspace', '\x7f'],
  ['Delete', '\x1b[3~'],
  ['Insert', '\x1b[2~'],
  ['PageUp', '\x1b[5~'],
  ['PageDown', '\x1b[6~'],
  ['Space', ' '],
  ['F1', '\x1bOP'],
  ['F4', '\x1bOS'],
  ['F5', '\x1b[15~'],
  ['F12', '\x1b[24~'],
  ['C-a', '\x01'],
  ['C-Z', '\x1a'],
  ['C-\\', '\x1c'],
  ['C-_', '\x1f'],
  ['C-Space', '\0'],
  ['M-x', '\x1bx'],
  ['M-.', '\x1b.'],
  ['C-Right', '\x1b[1;5C'],
  ['S-M-Up', '\x1b[1;4A'],
  ['C-Delete', '\x1b[3;5~'],
  ['S-F1', '\x1b[1;2P'],
])('%s is what an xterm sends for it', (name, bytes) => {
  expect(keyBytes(name, normal)).toBe(bytes)
})

test.each([
  ['Up', '\x1b[A', '\x1bOA'],
  ['Left', '\x1b[D', '\x1bOD'],
  ['Home', '\x1b[H', '\x1bOH'],
  ['End', '\x1b[F', '\x1bOF'],
  ['C-Up', '\x1b[1;5A', '\x1b[1;5A'],
  ['F1', '\x1bOP', '\x1bOP'],
])('%s follows the mode that a program asked for', (name, plain, asked) => {
  expect(keyBytes(name, normal)).toBe(plain)
  expect(keyBytes(name, application)).toBe(asked)
})

test.each([
  '',
  'enter',
  'Entre',
  'C-',
  'C-1',
  'M-',
  'M-Enter',
  'M-é',
  'F0',
  'F13',
  'X-Up',
  'toString',
  'C-toString',
  'Up ',
])('%j is no key', (name) => {
  expect(keyBytes(name, normal)).toBeUndefined()
})

test('the list of names that a refusal gives is true', () => {
  const single = KEY_NAMES.replace('F1-F12', 'F1 F12')
    .replace('C-a to C-z', 'C-a C-z')
    .split(/[ ,;]+/)
    .filter((word) => /^(?:[A-Z][a-z]+|[A-Z]\w*\d+|C-\S+|S-Tab|PageUp|PageDown)$/.test(word) && word !== 'C-')
  expect(single.length).toBeGreaterThan(20)
  for (const name of single) expect(keyBytes(name, normal), name).toBeDefined()
})
