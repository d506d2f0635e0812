import { expect, test } from 'vitest'

import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import { systemClock } from '../lib/clock.ts'
import { followInstances, type Replica } from './replicas.ts'

/** An instance that only looks after the others; `look` is how. */
function instance(look: () => Promise<void>): Replica {
  const log = rememberedLog()
  const membership = { renew: async () => true, cameBackFrom: undefined, isSure: () => false }
  const parts = { clock: systemClock, log, peers: { look }, store: { membership } }
  return parts as unknown as Replica
}

test('after the signal it is over only when what it was asking the database is answered', async () => {
  let answer = () => {}
  const looking = new Promise<void>((resolve) => {
    answer = resolve
  })
  const stop = new AbortController()
  const { looked, ended } = followInstances(
    instance(() => looking),
    stop.signal,
  )
  const done: string[] = []
  void looked.then(() => done.push('looked'))
  const over = ended.then(() => done.push('ended'))
  stop.abort()
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual([])
  answer()
  await over
  expect(done).toEqual(['looked', 'ended'])
})
