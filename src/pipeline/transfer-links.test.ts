import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { memoryLinks } from '../../test/kit/memory-links.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import { Permit } from '../domain/permit.ts'
import type { Download, LinkStore, TransferDirection, Upload } from '../domain/transfer.ts'
import type { LinkUse } from './link-use.ts'
import { RunningCalls } from './running-calls.ts'
import { TransferLinks } from './transfer-links.ts'

const TTL_MS = 60_000

describe('a link to a file', () => {
  test('is found by its token alone, until its time is over', async () => {
    const { links, clock, make } = world()
    const token = await make()
    expect(await links.find(token)).toBeDefined()
    expect(await links.find(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined()
    await clock.advance(TTL_MS - 1)
    expect(await links.find(token)).toBeDefined()
    await clock.advance(1)
    expect(await links.find(token)).toBeUndefined()
  })

  test('is not made while nobody could use it', async () => {
    const { links, permit } = world({ address: false })
    expect(await links.make(permit(), 'download')).toBeUndefined()
  })

  test('ends with the permission of the call that made it, and does not come back with it', async () => {
    const { links, make, allow } = world()
    const token = await make()
    allow(false)
    expect(await links.find(token)).toBeUndefined()
    allow(true)
    expect(await links.find(token)).toBeUndefined()
  })

  test('ends with its first whole transfer and not before', async () => {
    const { links, make, use } = world()
    const token = await make()
    await (await use(token)).end({ offset: 0, bytes: 40, totalBytes: 100 })
    await (await use(token)).end({ offset: 70, bytes: 30, totalBytes: 100 })
    expect(await links.find(token)).toBeDefined()
    await (await use(token)).end({ offset: 40, bytes: 60, totalBytes: 100 })
    expect(await links.find(token)).toBeUndefined()
  })

  test('whose end is fetched again and again ends all the same', async () => {
    const { links, make, use } = world()
    const token = await make()
    const bytes = 10 * 1024 * 1024
    for (let times = 0; times < 3; times += 1)
      if (await links.find(token))
        await (await use(token)).end({ offset: 1, bytes: bytes - 1, totalBytes: bytes })
    expect(await links.find(token)).toBeUndefined()
  })

  test('of an upload that was left half-way takes its part from the host when it expires', async () => {
    const { clock, make, use, discarded } = world()
    const token = await make('upload')
    await (await use(token)).end({ offset: 0, bytes: 40, leavesPart: true })
    expect(discarded()).toBe(0)
    await clock.advance(TTL_MS)
    expect(discarded()).toBe(1)
  })

  test('that is used anew ends the use before, and revoking ends what runs', async () => {
    const { make, use, running } = world()
    const token = await make()
    const first = await use(token)
    first.signal.addEventListener('abort', () => void first.end())
    const second = await use(token)
    expect(first.signal.aborted).toBe(true)
    expect(second.signal.aborted).toBe(false)
    expect(running.end('access_revoked')).toBe(1)
    expect(second.signal.aborted).toBe(true)
    await second.end()
    expect(running.count).toBe(0)
  })

  test('that is asked for while its last bytes are recorded is used once all the same', async () => {
    const { links, make, use } = world()
    const token = await make()
    const link = await links.find(token)
    if (link === undefined || 'kind' in link) throw new Error('no such link')
    const first = await use(token)
    const second = links.use(link, new AbortController().signal, undefined)
    await first.end({ offset: 0, bytes: 100, totalBytes: 100 })
    expect(await second).toMatchObject({ kind: 'not_started', code: 'not_found' })
  })

  test('that is asked for while its first half is recorded goes on', async () => {
    const { links, make } = world()
    const link = await links.find(await make())
    if (link === undefined || 'kind' in link) throw new Error('no such link')
    const first = await links.use(link, new AbortController().signal, undefined)
    if ('kind' in first) throw new Error(first.message)
    const second = links.use(link, new AbortController().signal, undefined)
    await first.use.end({ offset: 0, bytes: 50, totalBytes: 100 })
    expect(await second).toHaveProperty('use')
  })

  test('whose use begins is on record, with where it was asked for, before anything goes through', async () => {
    const { events, links, make } = world()
    const link = await links.find(await make())
    if (link === undefined || 'kind' in link) throw new Error('no link')
    const opened = await links.use(link, new AbortController().signal, '192.0.2.7')
    if ('kind' in opened) throw new Error(opened.message)
    await opened.use.begin()
    expect(events).toMatchObject([
      { type: 'transfer.begun', direction: 'download', remoteAddress: '192.0.2.7' },
    ])
    await opened.use.end()
  })

  test('is not used while nothing can be recorded, and can be afterwards', async () => {
    const { links, make, use, auditProblem } = world()
    const token = await make()
    auditProblem('no room')
    await expect(use(token)).rejects.toThrow(/audit log/)
    auditProblem(undefined)
    await (await use(token)).end()
    expect(await links.find(token)).toBeDefined()
  })

  test('is found by another instance, used there, and used up everywhere', async () => {
    const here = world()
    const there = world({ store: here.store })
    const token = await here.make()
    await (await there.use(token)).end({ offset: 0, bytes: 40, totalBytes: 100 })
    await (await here.use(token)).end({ offset: 40, bytes: 60, totalBytes: 100 })
    const known = await there.links.find(token)
    if (known === undefined || 'kind' in known) throw new Error('it was known there')
    expect(await there.links.use(known, new AbortController().signal, undefined)).toMatchObject({
      code: 'not_found',
    })
    for (const { links } of [here, there]) expect(await links.find(token)).toBeUndefined()
  })

  test('that was taken from an instance gives no last bytes there, and puts nothing in place', async () => {
    const here = world()
    const there = world({ store: here.store })
    const token = await here.make()
    const slow = await here.use(token)
    // As it is when the first one was given up by the others.
    const quick = await there.use(token)
    await quick.mustHold()
    await expect(slow.mustHold()).rejects.toMatchObject({ code: 'not_found' })
    await expect(slow.end({ offset: 0, bytes: 100, totalBytes: 100 })).rejects.toThrow()
    expect(here.events).toEqual([])
    await quick.end({ offset: 0, bytes: 100, totalBytes: 100 })
    expect(there.events).toMatchObject([{ type: 'transfer.used', complete: true }])
  })

  test('that is locked ends where nobody has asked for it too', async () => {
    const here = world()
    const there = world({ store: here.store })
    const token = await here.make()
    there.links.endWhere(() => true)
    await there.clock.advance(0)
    expect(await there.links.find(token)).toBeUndefined()
    await expect(here.use(token)).rejects.toThrow('nothing at this path')
  })

  test('whose instance is gone is cleaned up after by another one', async () => {
    // The store's time goes on without the one that is gone.
    const clock = new ManualClock()
    const here = world({ store: memoryLinks(clock) })
    const token = await here.make('upload')
    await (await here.use(token)).end({ offset: 0, bytes: 40, leavesPart: true })
    const there = world({ store: here.store })
    const over = new AbortController()
    there.links.follow(over.signal)
    await there.clock.advance(0)
    expect(there.discarded()).toBe(0)
    await clock.advance(TTL_MS)
    await there.clock.advance(TTL_MS)
    expect([here.discarded(), there.discarded()]).toEqual([0, 1])
    over.abort()
  })

  test('is neither made nor used while it cannot be kept, and can be afterwards', async () => {
    const { links, store, permit, make } = world()
    const token = await make()
    const { add, hold, find } = store
    const away = () => Promise.reject(new Error('away'))
    Object.assign(store, { add: away, hold: away, find: away })
    await expect(links.make(permit(), 'download')).rejects.toMatchObject({ code: 'audit_unavailable' })
    expect(await links.find('unknown')).toMatchObject({ code: 'audit_unavailable' })
    const link = await links.find(token)
    if (link === undefined || 'kind' in link) throw new Error('no such link')
    const use = () => links.use(link, new AbortController().signal, undefined)
    expect(await use()).toMatchObject({ code: 'audit_unavailable' })
    Object.assign(store, { add, hold, find })
    expect(await use()).toHaveProperty('use')
  })

  test('a principal holds a hundred; the oldest gives way', async () => {
    const { links, make } = world()
    const tokens = await Promise.all(Array.from({ length: 101 }, () => make()))
    const found = await Promise.all(tokens.map((token) => links.find(token)))
    expect(tokens.filter((_, index) => found[index] !== undefined)).toEqual(tokens.slice(1))
  })

  test('each use is on record before it counts as over, and a record that fails is told', async () => {
    const { make, use, events, breakAudit } = world()
    const token = await make()
    await (await use(token)).end({ offset: 0, bytes: 40, totalBytes: 100, sha256: 'a'.repeat(64) })
    expect(events).toMatchObject([
      { type: 'transfer.used', bytes: 40, complete: false, remoteAddress: '192.0.2.7' },
    ])
    expect(JSON.stringify(events)).not.toContain(token)
    breakAudit()
    const last = await use(token)
    await expect(last.end({ offset: 40, bytes: 60, totalBytes: 100 })).rejects.toMatchObject({
      code: 'audit_unavailable',
    })
  })
})

function world({ address = true, store: shared }: { address?: boolean; store?: LinkStore } = {}) {
  const clock = new ManualClock()
  const store = shared ?? memoryLinks(clock)
  const running = new RunningCalls()
  const events: AuditEvent[] = []
  let [isAllowed, isBroken, discards] = [true, false, 0]
  let problem: string | undefined
  const stream = {
    received: 0,
    close: async (how?: 'discard') => {
      if (how === 'discard') discards += 1
    },
  } as unknown as Download & Upload
  const links = new TransferLinks({
    store,
    streams: () => ({ openDownload: async () => stream, openUpload: async () => stream }),
    isAllowed: () => isAllowed,
    running,
    audit: {
      append: async (...added) => {
        if (isBroken) throw new Error('no room')
        events.push(...added)
      },
      problem: () => problem,
    },
    clock,
    onDownloaded: () => undefined,
    ttlMs: () => TTL_MS,
  })
  if (address) links.serveAt(() => 'https://ssh-mcp.example.com')
  const permit = () => Permit.for(call(), { verdict: 'allow', rule: 'required-scopes' })
  const make = async (direction: TransferDirection = 'download') => {
    const made = await links.make(permit(), direction)
    return made?.url.slice('https://ssh-mcp.example.com/transfer/'.length) ?? ''
  }
  const use = async (token: string): Promise<LinkUse> => {
    const link = await links.find(token)
    if (link === undefined || 'kind' in link) throw new Error('no such link')
    const opened = await links.use(link, new AbortController().signal, '192.0.2.7')
    if ('kind' in opened) throw new Error(opened.message)
    return opened.use
  }
  return {
    links,
    store,
    clock,
    running,
    events,
    permit,
    make,
    use,
    allow: (yes: boolean) => {
      isAllowed = yes
    },
    breakAudit: () => {
      isBroken = true
    },
    auditProblem: (what: string | undefined) => {
      problem = what
    },
    discarded: () => discards,
  }
}

function call(): Call {
  return {
    id: 'call_AAAAAAAAAAAAAAAAAAAAAA',
    principal: {
      issuer: 'https://idp.example.com/',
      subject: 'user-1',
      method: 'oauth',
      groups: [],
      roles: [],
      scopes: 'all',
    },
    action: {
      kind: 'transfer_file',
      from: { kind: 'host', host: hostName('web-server'), path: '/x', sudo: false },
      to: { kind: 'link' },
      recursive: false,
      overwrite: false,
      resume: false,
      timeoutMs: 1_000,
    },
    edge: 'mcp_http',
    receivedAt: new Date(0),
  }
}
