import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownMember, parseStrictJson } from './strict-json.ts'

const parse = (text: string) => parseStrictJson(Buffer.from(text))

describe('strict JSON', () => {
  test('takes every object that JSON.stringify writes, and changes nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object)
        expect(parse(text)).toEqual({ kind: 'object', object: JSON.parse(text) })
      }),
    )
  })

  test('finds a member that is named twice, however it is written and wherever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), fc.boolean(), (name, one, two, isDeep) => {
        const escaped = [...name].map((char) => (char.length === 1 ? unicodeEscape(char) : char)).join('')
        const twice = `{${JSON.stringify(name)}:${JSON.stringify(one)} , "${escaped}"\n:${JSON.stringify(two)}}`
        expect(parse(isDeep ? `{"a":[0,${twice}]}` : twice).kind).toBe('duplicate_member')
      }),
    )
  })

  test.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['two objects', '{}{}'],
    ['a comma at the end', '{"a":1,}'],
    ['a comment', '{/**/}'],
    ['a single quote', "{'a':1}"],
  ])('does not take %s', (_, text) => {
    expect(parse(text)).toEqual({ kind: 'malformed' })
  })

  test('reads an object 8,000 levels deep without falling over', () => {
    expect(parse(`${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`).kind).toBe('object')
  })

  test('a member that the object does not have itself is not there', () => {
    expect(ownMember({}, 'constructor')).toBeUndefined()
    expect(ownMember({}, '__proto__')).toBeUndefined()
    expect(ownMember({ sub: 'x' }, 'sub')).toBe('x')
  })
})

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
