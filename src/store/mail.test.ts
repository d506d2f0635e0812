import { afterEach, describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { systemClock } from '../lib/clock.ts'
import { AddresseeLost, forgetLostMail, Mail, type Serve } from './mail.ts'
import { Membership } from './membership.ts'

const databases = testDatabases()

let over = new AbortController()

afterEach(() => {
  over.abort()
  over = new AbortController()
})

const never = new AbortController().signal

async function instanceOn(url: string, serve: Serve) {
  const database = await databases.open(url)
  const membership = await Membership.join(database, systemClock, () => ({ version: '1', config: '' }))
  const mail = new Mail(database, membership, systemClock)
  mail.serve(serve, () => false, over.signal)
  return { database, membership, mail }
}

const mute: Serve = () => new Promise(() => undefined)

describe.each(ENGINES)('letters between instances on one %s', (engine) => {
  test('each is served once, by the one that it is for, and its answer is for who sent it', async () => {
    const url = await databases.newUrl(engine)
    const served: string[] = []
    const one = await instanceOn(url, mute)
    const echo = (name: string): Serve => {
      return async (body) => {
        served.push(`${name} ${body}`)
        // Others come meanwhile, and are looked for.
        await systemClock.sleep(20)
        return `${body} by ${name}`
      }
    }
    const [two, three] = [await instanceOn(url, echo('two')), await instanceOn(url, echo('three'))]
    const sent = Array.from({ length: 20 }, (_, index) => {
      const to = index % 2 ? two : three
      return one.mail.send(to.membership.id, `letter ${index}`, new AbortController().signal)
    })
    expect(await Promise.all(sent)).toEqual(
      Array.from({ length: 20 }, (_, index) => `letter ${index} by ${index % 2 ? 'two' : 'three'}`),
    )
    expect(new Set(served).size).toBe(20)
    expect(served).toHaveLength(20)
    await expect.poll(() => one.database.all('SELECT id FROM mail')).toEqual([])
  })

  test('one that is called off is called off where it is served, and answered all the same', async () => {
    const url = await databases.newUrl(engine)
    const one = await instanceOn(url, mute)
    const two = await instanceOn(
      url,
      (_, signal) =>
        new Promise((resolve) => {
          const end = () => resolve(`ended: ${signal.reason}`)
          if (signal.aborted) end()
          else signal.addEventListener('abort', end)
        }),
    )
    const caller = new AbortController()
    const sent = one.mail.send(two.membership.id, 'long work', caller.signal)
    await systemClock.sleep(50)
    caller.abort()
    expect(await sent).toBe('ended: cancelled')
  })

  test('one to an instance that is lost is answered with that, and what a lost one sent is forgotten', async () => {
    const url = await databases.newUrl(engine)
    const [one, two] = [await instanceOn(url, mute), await instanceOn(url, mute)]
    const sent = one.mail.send(two.membership.id, 'into the void', never)
    const forgotten = two.mail.send(one.membership.id, 'from the void', never).catch((cause) => cause)
    const lettersFrom = () =>
      one.database.all('SELECT id FROM mail WHERE from_instance = $1', two.membership.id)
    await expect.poll(lettersFrom).toHaveLength(1)
    await two.database.run('UPDATE instances SET ended_at = 1 WHERE id = $1', two.membership.id)
    await expect(sent).rejects.toThrow(AddresseeLost)
    await forgetLostMail(one.database)
    expect(await lettersFrom()).toEqual([])
    // As another instance it knows that nobody answers any more.
    await two.membership.rejoin()
    expect(await forgotten).toBeInstanceOf(AddresseeLost)
  })
})
