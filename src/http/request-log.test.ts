import { expect, test } from 'vitest'
import { shownPath } from './transfer-answers.ts'

test.each([
  ['/transfer/secret', '/transfer/…'],
  ['/oauth/set-up/secret', '/oauth/set-up/…'],
  ['/oauth/set-up/secret/more', '/oauth/set-up/…'],
  ['/oauth/sign-in/request', '/oauth/sign-in/request'],
  ['/%74ransfer/secret%zz', '/transfer/…'],
  ['/oauth/%73et-up/secret', '/oauth/set-up/…'],
  ['/mcp', '/mcp'],
  ['/%6dcp', '/%6dcp'],
])('the log shows no right that stands in a path: %s', (path, shown) => {
  expect(shownPath(path)).toBe(shown)
})
