import { expect, test } from 'vitest'
import { taintBook } from '../../test/kit/command-parts.ts'
import type { Call } from '../domain/call.ts'
import { type Host, hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import { systemClock } from '../lib/clock.ts'
import { decide } from '../policy/decide.ts'
import { checkCommand } from './check-command.ts'
import { wireCheck } from './wire-check.ts'

const web = host('web-1', [])
const vault = host('vault', ['mcp:admin'])
const hosts = {
  list: () => [vault, web],
  find: (name: string) => [vault, web].find((one) => one.name === name),
}
const bridge = { hosts, rules: () => undefined, taints: taintBook(), clock: systemClock }

test('a command that may be run is said to be allowed, and nothing is proposed', () => {
  expect(check(web, ['mcp:execute'])).toMatchObject({
    host: 'web-1',
    command: 'uptime',
    sudo: false,
    verdict: 'allow',
    rule: 'required-scopes',
    suggestions: [],
  })
})

test('a missing scope is named, as the change that would be allowed', () => {
  expect(check(vault, ['mcp:execute'])).toMatchObject({
    verdict: 'deny',
    code: 'insufficient_scope',
    missing_scopes: ['mcp:admin'],
    suggestions: [
      {
        verdict: 'allow',
        kind: 'scope',
        scopes: ['mcp:execute', 'mcp:admin'],
        say: 'Ask for a token with the scopes mcp:execute mcp:admin',
      },
    ],
  })
})

test('to check needs no more than to see the host, and a host that is not there is not found', () => {
  const decided = (name: string, scopes: string[]) =>
    decide(callOf(name, scopes), { hosts, now: new Date(0) })
  expect(decided('vault', ['mcp:execute'])).toEqual({ verdict: 'allow', rule: 'visible-hosts' })
  expect(decided('nowhere', ['mcp:execute'])).toMatchObject({ reason: { code: 'host_not_found' } })
  expect(decided('vault', [])).toMatchObject({ reason: { code: 'insufficient_scope' } })
})

function check({ name }: Host, scopes: string[]) {
  const call = callOf(name, scopes)
  return wireCheck(checkCommand(call, call.action, bridge))
}

function callOf(name: string, scopes: string[]) {
  const principal: Principal = {
    issuer: 'https://idp.example.com/',
    subject: 'u1',
    method: 'oauth',
    groups: [],
    roles: [],
    scopes: new Set(scopes),
  }
  const action = { kind: 'check_command', host: hostName(name), command: 'uptime' } as const
  return { id: 'call_1', principal, action, edge: 'rest', receivedAt: new Date(0) } satisfies Call
}

function host(name: string, requiredScopes: string[]): Host {
  return {
    name: hostName(name),
    description: '',
    tags: [],
    executionMode: 'exec',
    requiredScopes,
    allowsSudo: false,
    allowsTerminal: false,
  }
}
