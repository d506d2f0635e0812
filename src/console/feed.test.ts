import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { ConsoleEyes, FeedTopic } from './console-eyes.ts'
import { feed } from './feed.ts'

/** A feed, whose world changes when the test says so, and what a browser has read of it. */
function openFeed() {
  const clock = new ManualClock()
  const listeners = new Map<FeedTopic, () => void>()
  const listen: ConsoleEyes['listen'] = (topic, onChange) => void listeners.set(topic, onChange)
  const closing = new AbortController()
  const over = { isOver: false, isEnded: false }
  const { body } = feed({ eyes: { listen } as ConsoleEyes, clock }, closing.signal, () => over.isOver)
  const told: string[] = []
  void (async () => {
    const decoder = new TextDecoder()
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>)
      told.push(decoder.decode(piece).trim())
    over.isEnded = true
  })()
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    told,
    over,
    close: () => closing.abort(),
    async change(...topics: FeedTopic[]) {
      for (const topic of topics) listeners.get(topic)?.()
      await settled()
    },
    async pass(ms: number) {
      await clock.advance(ms)
      await settled()
    },
  }
}

test('what changes is told at once, whatever else was told a moment before', async () => {
  const { told, change, close } = openFeed()
  await change('calls')
  await change('approvals')
  expect(told).toEqual(['retry: 1000', 'data: calls', 'data: approvals'])
  close()
})

test('one topic is told twice a second at most, and its last change is never left out', async () => {
  const { told, change, pass, close } = openFeed()
  for (let index = 0; index < 100; index += 1) await change('calls')
  expect(told.slice(1)).toEqual(['data: calls'])
  await pass(499)
  expect(told.slice(1)).toEqual(['data: calls'])
  await pass(1)
  expect(told.slice(1)).toEqual(['data: calls', 'data: calls'])
  await pass(14_000)
  expect(told.slice(1)).toEqual(['data: calls', 'data: calls'])
  close()
})

test('while nothing changes it says that it is there', async () => {
  const { told, change, pass, close } = openFeed()
  await change()
  await pass(15_000)
  await pass(15_000)
  expect(told.slice(1)).toEqual([': still here', ': still here'])
  close()
})

test('whoever may not look any more is told nothing more: it ends with the next change', async () => {
  const { told, over, change } = openFeed()
  await change('calls')
  expect(over.isEnded).toBe(false)
  over.isOver = true
  await change('locks')
  expect(over.isEnded).toBe(true)
  expect(told).toEqual(['retry: 1000', 'data: calls'])
})
