import { expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { EmulatorTime } from './emulator-time.ts'

function busyFor(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('work that is small is done at once, in the order in which it came', async () => {
  const time = new EmulatorTime(systemClock)
  const done: string[] = []
  const write = (name: string, steps: number) => {
    let left = steps
    return time.work(() => {
      done.push(name)
      left -= 1
      return left > 0
    })
  }
  await Promise.all([write('a', 2), write('b', 1), write('c', 1)])
  expect(done).toEqual(['a', 'a', 'b', 'c'])
})

test('endless work lets other terminals in, and costly work leaves half of the time to everything else', async () => {
  const time = new EmulatorTime(systemClock)
  let [isOver, flooded, quick] = [false, 0, 0]
  const flood = () =>
    time.work(() => {
      busyFor(15)
      flooded += 1
      return !isOver
    })
  const floods = [flood(), flood(), flood()]
  const startedMs = performance.now()
  while (performance.now() - startedMs < 500) {
    await time.work(() => false)
    quick += 1
  }
  isOver = true
  await Promise.all(floods)
  expect(flooded).toBeLessThan(25)
  expect(quick).toBeGreaterThan(2)
})
