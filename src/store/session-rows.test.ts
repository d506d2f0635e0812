import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ENGINES } from '../../test/kit/databases.ts'
import { type TestInstance, testInstances } from '../../test/kit/instances.ts'
import { localChannel } from '../../test/kit/local-channel.ts'
import { Bench, HOST } from '../../test/kit/session-shells.ts'
import { type RememberedLog, rememberedLog } from '../../test/kit/ssh-runner.ts'
import { hostName } from '../domain/host.ts'
import type { HeldSession, SavedSession, SessionPlace } from '../domain/session.ts'
import { randomId } from '../lib/ids.ts'
import { countSessions, SessionRows } from './session-rows.ts'

const NOW = new Date(1_000_000)
const msLater = (ms: number) => new Date(NOW.getTime() + ms)
const TERMS = { now: NOW, usedAfter: msLater(-1_000), until: msLater(60_000) }
const all = testInstances()

describe.each(ENGINES)('%s', (engine) => {
  let one: TestInstance
  let other: TestInstance
  let url: string
  let log: RememberedLog
  let here: SessionRows
  let there: SessionRows

  beforeAll(async () => {
    url = await all.newUrl(engine)
    one = await all.join(url)
    other = await all.join(url)
  })

  beforeEach(async () => {
    log = rememberedLog()
    here = new SessionRows(one.database, one.me, log)
    there = new SessionRows(other.database, other.me, log)
    await one.database.run('DELETE FROM sessions')
  })

  function session(overrides: Partial<SavedSession> = {}): SavedSession {
    return {
      id: randomId('ses'),
      owner: '["https://idp.example.com","alice"]',
      host: hostName('web-server'),
      shell: '',
      workingDirectory: '',
      createdAt: NOW,
      lastUsedAt: NOW,
      commands: 0,
      ...overrides,
    }
  }

  async function added(made: SavedSession, place: SessionPlace = made, rows = here): Promise<HeldSession> {
    const { owner, host, name } = place
    const at = name === undefined ? { owner, host } : { owner, host, name }
    const held = await rows.add(made, at, TERMS, 10)
    if (typeof held === 'string') throw new Error(held)
    return held
  }

  test('what is kept is there for every instance, as it was, and the last of it', async () => {
    const made = session({ name: 'work\0\ud83d' })
    const held = await added(made)
    const kept = {
      ...made,
      shell: 'bash',
      workingDirectory: '/srv/é',
      state: '{"x":"\u00ff\\u0000"}',
      commands: 3,
    }
    expect(await here.save(held, kept)).toBe(true)
    const place = { owner: made.owner, host: made.host, name: 'work\0\ud83d' }
    expect(await there.find(place, TERMS.usedAfter)).toEqual(kept)
    const again = await there.hold(place, TERMS)
    expect(again).toEqual({ session: kept, until: TERMS.until })
    const later = { ...kept, state: '{}', commands: 4, lastUsedAt: msLater(5) }
    expect(await there.save(again as HeldSession, later)).toBe(true)
    expect(await here.list(made.owner, TERMS.usedAfter)).toEqual([later])
    expect(await countSessions(one.database)).toBe(1)
  })

  test('belongs to its owner on its host; the default one, those with a name and those known by their handle do not meet', async () => {
    const alice = session()
    const places = [{}, { name: 'a' }, { name: '' }] as const
    for (const place of places) await added(session(place), { ...alice, ...place })
    const handle = session()
    await here.add(handle, handle, TERMS, 10)
    const ids = await Promise.all(
      places.map(async (place) => {
        const { owner, host } = alice
        return (await there.find({ owner, host, ...place }, TERMS.usedAfter))?.id
      }),
    )
    expect(new Set([...ids, handle.id]).size).toBe(4)
    const { owner, host, id } = handle
    expect(await there.find({ owner, host, id }, TERMS.usedAfter)).toBeDefined()
    for (const foreign of [
      { owner: 'eve', host, id },
      { owner, host: hostName('db-server'), id },
    ]) {
      expect(await there.find(foreign, TERMS.usedAfter)).toBeUndefined()
      expect(await there.hold(foreign, TERMS)).toBe('none')
    }
    expect(await there.list('eve', TERMS.usedAfter)).toEqual([])
  })

  test('a call is in it alone, in whichever instance, until it lets go', async () => {
    const made = session()
    const held = await added(made)
    const { owner, host } = made
    for (const rows of [here, there]) expect(await rows.hold({ owner, host }, TERMS)).toBe('busy')
    expect(await there.add(session(), { owner, host }, TERMS, 10)).toBe('busy')
    expect(await here.save(held, made)).toBe(true)
    const both = await Promise.all([here, there].map((rows) => rows.hold({ owner, host }, TERMS)))
    expect(both.filter((each) => each === 'busy')).toHaveLength(1)
    expect(both.filter((each) => typeof each === 'object')).toHaveLength(1)
  })

  test('a hold ends with the instance, with its time, and where it could not be ended', async () => {
    const { owner, host } = session()
    const dying = await all.join(url)
    const lost = new SessionRows(dying.database, dying.me, log)
    const held = await added(session(), session(), lost)
    await dying.die()
    const taken = await there.hold({ owner, host }, TERMS)
    expect(taken).toMatchObject({ session: { id: held.session.id } })
    // Whoever was declared dead does not know, and writes over nothing.
    expect(await lost.save(held, { ...held.session, commands: 99 })).toBe(false)
    expect(
      await here.hold({ owner, host }, { ...TERMS, now: msLater(60_001), until: msLater(90_000) }),
    ).toMatchObject({
      session: { commands: 0 },
    })
    expect(await there.save(taken as HeldSession, held.session)).toBe(false)
    // The same instance, which has forgotten it.
    const again = new SessionRows(one.database, one.me, log)
    expect(await again.hold({ owner, host }, TERMS)).toBe('busy')
    expect(await again.hold({ owner, host }, TERMS)).toMatchObject({ session: { id: held.session.id } })
  })

  test('one that is closed while a call is in it is gone, and nothing of the call is kept', async () => {
    const made = session()
    const held = await added(made)
    expect(await there.remove(made.id)).toBe(true)
    expect(await there.remove(made.id)).toBe(false)
    expect(await here.save(held, made)).toBe(false)
    expect(await here.list(made.owner, TERMS.usedAfter)).toEqual([])
  })

  test('one that nobody used for long is over, unless a call is in it', async () => {
    const old = session({ lastUsedAt: msLater(-1_000) })
    const { owner, host } = old
    await here.save(await added(old), old)
    expect(await there.find({ owner, host }, TERMS.usedAfter)).toBeUndefined()
    expect(await there.hold({ owner, host }, TERMS)).toBe('none')
    const held = await added(old)
    await there.sweep(TERMS.usedAfter, NOW)
    expect(await there.hold({ owner, host }, TERMS)).toBe('busy')
    expect(await here.save(held, old)).toBe(true)
    await there.sweep(TERMS.usedAfter, NOW)
    expect(await countSessions(one.database)).toBe(0)
  })

  test('nobody holds more than may be, however many ask at once; what is over makes room', async () => {
    const place = (index: number) => ({ ...session(), name: `n${index}` })
    const asked = Array.from({ length: 8 }, (_, index) =>
      here.add(place(index), { owner: session().owner, host: session().host, name: `n${index}` }, TERMS, 3),
    )
    const made = await Promise.all(asked)
    expect(made.filter((each) => each === 'full')).toHaveLength(5)
    for (const held of made) if (typeof held === 'object') await here.save(held, held.session)
    const later = { now: msLater(2_000), usedAfter: msLater(1_000), until: msLater(9_000) }
    const { owner, host } = session()
    expect(typeof (await there.add(session(), { owner, host }, later, 3))).toBe('object')
    expect(await countSessions(one.database)).toBe(1)
  })

  test('one that is damaged is dropped with a warning, and the others are kept', async () => {
    const good = session({ name: 'good' })
    await here.save(await added(good), good)
    for (const record of [
      '{',
      '[]',
      'null',
      '{"shell":1}',
      '{"shell":"","workingDirectory":"","commands":0,"x":1}',
    ]) {
      const bad = session({ createdAt: msLater(1) })
      await here.save(await added(bad), bad)
      await one.database.run('UPDATE sessions SET record = $1 WHERE id = $2', record, bad.id)
      expect(await there.list(good.owner, TERMS.usedAfter)).toEqual([good])
    }
    expect(log.lines.filter((line) => line.includes('damaged'))).toHaveLength(5)
  })

  test('those of hosts that are gone go', async () => {
    const [stays, goes] = [session(), session({ host: hostName('db-server') })]
    for (const made of [stays, goes]) await here.save(await added(made), made)
    await there.keepOnly((host) => host === stays.host)
    expect((await here.list(stays.owner, TERMS.usedAfter)).map(({ id }) => id)).toEqual([stays.id])
  })

  test('directory and environment go from a call on one instance to the next on another, and calls at once wait for each other', async () => {
    const bench = new Bench(() => localChannel('/bin/bash'), { store: here })
    const second = new Bench(() => localChannel('/bin/bash'), { store: there })
    try {
      await bench.run('cd /usr/lib; n=0')
      expect((await second.run('pwd; echo $n')).out).toBe('/usr/lib\n0\n')
      const counted = Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? bench : second).run('n=$((n+1)); echo $n'),
      )
      const seen = (await Promise.all(counted)).map(({ out }) => Number(out))
      expect(seen.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      const [summary] = await second.sessions.list('["https://idp.example.com","alice"]')
      expect(summary).toMatchObject({ host: HOST, commands: 10, workingDirectory: '/usr/lib' })
    } finally {
      bench.close()
      second.close()
    }
  })
})
