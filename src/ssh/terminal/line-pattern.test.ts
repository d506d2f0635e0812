import { describe, expect, test } from 'vitest'
import { linePattern } from './line-pattern.ts'

describe('a pattern for lines of a terminal', () => {
  test('finds what usual ones look for', () => {
    const matches = linePattern('(?i)^(password|passphrase) for [a-z0-9_-]{1,32}: $')
    expect(typeof matches === 'function' && matches('Password for admin: ')).toBe(true)
  })

  test('of nested counts is refused: every line on the screen would take it seconds', () => {
    expect(linePattern('(?:[ab]{0,30}){0,30}\\d')).toMatch(/counts are too large/)
  })

  test('that is none of RE2 is refused in words', () => {
    expect(linePattern('(?=x)')).toMatch(/RE2/)
  })
})
