import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { anchorsOf } from '../../test/kit/markdown.ts'
import { CHECKS } from './check-list.ts'
import { pageOf } from './finding.ts'

const PAGE = 'docs/DOCTOR.md'

test('each check has an id of its own', () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
})

test('what a check needs is looked at before it, of the same subject or of the bridge', () => {
  const wrong = CHECKS.flatMap((check, at) =>
    (check.needs ?? []).filter((need) => {
      const found = CHECKS.slice(0, at).find(({ id }) => id === need)
      return found === undefined || (found.of !== check.of && found.of !== 'bridge')
    }),
  )
  expect(wrong).toEqual([])
})

test('the page of each finding leads to a heading, and each check on the page exists', () => {
  const anchors = anchorsOf(PAGE)
  const missing = CHECKS.map(({ id }) => pageOf(id).replace(`${PAGE}#`, '')).filter(
    (one) => !anchors.has(one),
  )
  expect(missing).toEqual([])
  const headings = [...readFileSync(PAGE, 'utf8').matchAll(/^### (\S+)$/gm)].map(([, id = '']) => id)
  expect(headings.sort()).toEqual(CHECKS.map(({ id }) => id).sort())
})

test('each check says what it means and what mends it', () => {
  const silent = CHECKS.filter(({ title, means, mend }) =>
    [title, means, mend].some((text) => text.length < 10),
  )
  expect(silent.map(({ id }) => id)).toEqual([])
})
