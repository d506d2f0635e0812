import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expectBothFind } from '../kit/tamper.ts'

const TAMPERINGS = Number(process.env.TAMPERINGS ?? 3_000)
/** Of so many the logs are written to files at once. */
const PIECE = 500
const directory = mkdtempSync(join(tmpdir(), 'bridge-tampering-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test(`${TAMPERINGS} logs in which one record was changed are found by both verifiers, who name the same record`, async () => {
  let found = 0
  while (found < TAMPERINGS) found += await expectBothFind(Math.min(PIECE, TAMPERINGS - found), directory)
  expect(found).toBe(TAMPERINGS)
})
