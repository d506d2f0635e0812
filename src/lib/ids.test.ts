import { expect, test } from 'vitest'
import { randomHex, randomId } from './ids.ts'

test('no two ids are alike, over many draws from the system, and none is made of wiped bytes', () => {
  const ids = Array.from({ length: 2_000 }, () => [randomId('call'), randomHex()]).flat()
  expect(new Set(ids).size).toBe(4_000)
  for (const id of ids) expect(id).toMatch(/^(call_[\w-]{22}|[0-9a-f]{32})$/)
  for (const id of ids) expect(id).not.toMatch(/A{20}|0{30}/)
})
