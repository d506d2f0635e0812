import { expect, test } from 'vitest'
import { writtenSections } from './written-sections.ts'

const TEXT = `# The bridge
server:
  api_key: secret-1   # not to be shown

# Who is who
roles:
  # The people who run it
  - {name: ops, match: [{groups: ["\${env:GROUP}"]}]}

# Secrets
hosts:
  - {name: web-1, password: secret-2}
rules:
  - name: all
    effect: allow
    # to be looked at again
`

test('sections are as they are written, with the comments in them, and nothing of what stands around them', () => {
  expect(writtenSections(TEXT, ['roles', 'rules'])).toBe(`roles:
  # The people who run it
  - {name: ops, match: [{groups: ["\${env:GROUP}"]}]}
rules:
  - name: all
    effect: allow
    # to be looked at again
`)
})

test('a text without them, or that is none, has none', () => {
  expect(writtenSections('hosts: []\n', ['roles', 'rules'])).toBe('')
  expect(writtenSections('', ['roles'])).toBe('')
  expect(writtenSections('- a\n', ['roles'])).toBe('')
})
