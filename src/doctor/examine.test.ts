import { expect, test } from 'vitest'
import { examine } from './examine.ts'
import type { HostEyes, HostSight } from './host-eyes.ts'
import { Look } from './look.ts'

const NOW = new Date('2026-11-30T12:00:00Z')

function looking(hosts: HostEyes): Look {
  const fetch = () => Promise.reject(new Error('nothing is asked'))
  return new Look({ hosts, fetch, now: () => NOW })
}

const good = (name: string): HostSight => ({
  name,
  where: `admin at 192.0.2.10 port 22`,
  hops: [],
  isPlain: false,
  hostKey: { verdict: 'trusted', shown: '', pinned: false },
  signIn: { kind: 'accepted' },
  shell: {
    kind: 'runs',
    login: '/bin/bash',
    noise: '',
    epochS: NOW.getTime() / 1000,
    askedAtMs: NOW.getTime(),
  },
  sftp: { kind: 'works' },
  sudo: { kind: 'not_configured' },
})

test('at most eight hosts are looked at at once, each of them once, and told in order', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `host-${at}`)
  const begun: string[] = []
  let open = 0
  let most = 0
  const look = async (name: string) => {
    begun.push(name)
    open += 1
    most = Math.max(most, open)
    await new Promise((resolve) => setImmediate(resolve))
    open -= 1
    return good(name)
  }
  const findings = await examine({ look: looking({ names, look }), clients: [], progress: () => {} })
  expect(most).toBe(8)
  expect(begun).toEqual(names)
  expect([...new Set(findings.map(({ subject }) => subject))]).toEqual(names)
  expect(findings.every(({ level }) => level === 'ok')).toBe(true)
})

test('what needs a check that failed is told as skipped, with the one to mend, also over several steps', async () => {
  const { signIn: _, shell: __, sftp: ___, sudo: ____, ...begun } = good('web-server')
  const sight: HostSight = {
    ...begun,
    signIn: { kind: 'refused', why: 'no', offered: 'the password', methods: ['password'] },
  }
  const eyes = { names: ['web-server'], look: async () => sight }
  const findings = await examine({ look: looking(eyes), clients: [], progress: () => {} })
  expect(findings.filter(({ level }) => level === 'failure').map(({ check }) => check)).toEqual([
    'host-login',
  ])
  const skipped = findings.filter((one) => one.skipped)
  expect(skipped.map(({ check }) => check)).toEqual([
    'host-shell',
    'host-noise',
    'host-sftp',
    'host-sudo',
    'host-clock',
  ])
  expect(new Set(skipped.map(({ what }) => what))).toEqual(
    new Set(['Not looked at, because host-login failed.']),
  )
})

test('a device is not called wrong for what devices do not have', async () => {
  const { sftp: _, ...begun } = good('switch')
  const shell = { kind: 'runs', login: undefined, noise: '', epochS: undefined, askedAtMs: 0 } as const
  const eyes = { names: ['switch'], look: async () => ({ ...begun, shell, isPlain: true }) }
  const findings = await examine({ look: looking(eyes), clients: [], progress: () => {} })
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
})
