import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import { hostName } from '../domain/host.ts'
import type { Taint } from '../domain/taint.ts'
import { randomId } from '../lib/ids.ts'
import { TaintFiles } from './taint-files.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'taints-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function taint(): Taint {
  const at = new Date(1_000)
  return {
    id: randomId('taint'),
    principal: { issuer: 'i', subject: 's', method: 'oauth', groups: [], roles: [], scopes: new Set(['a']) },
    marks: [{ why: 'x', host: hostName('web'), at, call: 'call_1' }],
    since: at,
    expiresAt: new Date(2_000),
  }
}

test('taints come back equal from files that only their owner can read, and go', async () => {
  const place = join(directory, 'taints')
  const files = new TaintFiles(place, rememberedLog())
  expect(files.load()).toEqual([])
  const one = taint()
  await files.save(one)
  expect(files.load()).toEqual([one])
  expect(statSync(join(place, `${one.id}.json`)).mode & 0o777).toBe(0o600)
  await files.remove(one.id)
  expect([files.load(), readdirSync(place)]).toEqual([[], []])
  await expect(files.save({ ...one, id: '../x' })).rejects.toThrow(TypeError)
})

test('one that is damaged is left out with a warning, and the others are there', async () => {
  const log = rememberedLog()
  const files = new TaintFiles(directory, log)
  const one = taint()
  await files.save(one)
  for (const text of ['', '{}', '{"principal":{"issuer":"i","subject":"s"},"marks":[]}'])
    writeFileSync(join(directory, `${randomId('taint')}.json`), text)
  expect(files.load()).toEqual([one])
  expect(log.lines.filter((line) => line.includes('damaged'))).toHaveLength(3)
})
