import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expectBothFind } from '../../test/kit/tamper.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-tampering-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('whatever is done to one record of a log is found by both verifiers, who name the same record', async () => {
  expect(await expectBothFind(22, directory)).toBe(22)
})
