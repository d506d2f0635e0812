import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('work of one name is done one after the other, also when some of it fails, and nothing is kept of it', async () => {
  const turns = new Turns()
  const done: string[] = []
  let go = () => {}
  const slow = new Promise<void>((resolve) => {
    go = resolve
  })
  const first = turns.take('a', async () => {
    await slow
    done.push('first')
    throw new Error('broken')
  })
  const second = turns.take('a', async () => void done.push('second'))
  await turns.take('b', async () => void done.push('other'))
  go()
  await expect(first).rejects.toThrow('broken')
  await second
  expect(done).toEqual(['other', 'first', 'second'])
  expect(turns.size).toBe(0)
})
