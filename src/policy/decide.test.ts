import { describe, expect, test } from 'vitest'
import type { Action, Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { type Host, type Hosts, hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import { decide } from './decide.ts'

const web = host('web-server', [])
const vault = host('vault', ['mcp:admin', 'vault:use'])

type Case = [title: string, scopes: string[] | 'all', action: Action, expected: Decision]
const cases: Case[] = [
  ['listing hosts needs no scope', [], { kind: 'list_hosts' }, allow('signed-in')],
  ['running needs mcp:execute', ['mcp:execute'], run('web-server'), allow('required-scopes')],
  ['running without it names it', [], run('web-server'), lacking(['mcp:execute'], ['mcp:execute'])],
  [
    'a longer scope is another scope',
    ['mcp:execute2'],
    run('web-server'),
    lacking(['mcp:execute'], ['mcp:execute']),
  ],
  [
    'scopes are case-sensitive',
    ['MCP:EXECUTE'],
    run('web-server'),
    lacking(['mcp:execute'], ['mcp:execute']),
  ],
  [
    'a host names everything that it needs at once',
    ['mcp:execute', 'vault:use'],
    run('vault'),
    lacking(['mcp:admin'], ['mcp:execute', 'mcp:admin', 'vault:use']),
  ],
  [
    'who holds all of them may run there',
    ['mcp:execute', 'mcp:admin', 'vault:use'],
    run('vault'),
    allow('required-scopes'),
  ],
  [
    'a transfer needs what both its hosts need, whichever end they are',
    ['mcp:execute'],
    transfer('web-server', 'vault'),
    lacking(['mcp:admin', 'vault:use'], ['mcp:execute', 'mcp:admin', 'vault:use']),
  ],
  [
    'and the other way round',
    ['mcp:execute'],
    transfer('vault', 'web-server'),
    lacking(['mcp:admin', 'vault:use'], ['mcp:execute', 'mcp:admin', 'vault:use']),
  ],
  [
    'a transfer between hosts that may be used is allowed',
    ['mcp:execute', 'mcp:admin', 'vault:use'],
    transfer('vault', 'web-server'),
    allow('required-scopes'),
  ],
  [
    'a transfer to a host that is not there is denied, also by a link',
    'all',
    transfer(undefined, 'nowhere'),
    { verdict: 'deny', rule: 'known-hosts-only', reason: { code: 'host_not_found' } },
  ],
  [
    'a link to a file needs mcp:execute',
    [],
    transfer('web-server', undefined),
    lacking(['mcp:execute'], ['mcp:execute']),
  ],
  ['a way in that knows no scopes holds all', 'all', run('vault'), allow('required-scopes')],
  ['an unknown host is not found', 'all', run('nowhere'), notFound()],
  [
    'without mcp:execute nobody learns whether a host exists',
    [],
    run('nowhere'),
    lacking(['mcp:execute'], ['mcp:execute']),
  ],
  [
    'a session on an unknown host is not found',
    'all',
    { kind: 'open_session', host: hostName('nowhere') },
    notFound(),
  ],
  [
    'closing a session needs the scopes too',
    [],
    { kind: 'close_session', host: hostName('web-server') },
    lacking(['mcp:execute'], ['mcp:execute']),
  ],
  ['the audit is for auditors', ['mcp:audit'], { kind: 'verify_audit' }, allow('operators')],
  [
    'and for whoever administers all, where there are no rules',
    ['mcp:admin'],
    { kind: 'verify_audit' },
    allow('operators'),
  ],
  [
    'trying other rules on the past needs both, reading the audit and operating',
    ['mcp:audit'],
    { kind: 'replay_rules', text: '', since: new Date(0), after: 0 },
    lacking(['mcp:operate'], ['mcp:audit', 'mcp:operate']),
  ],
  [
    'who holds both may try them',
    ['mcp:audit', 'mcp:operate'],
    { kind: 'replay_rules', text: '', since: new Date(0), after: 0 },
    allow('operators'),
  ],
  ['locks are for operators', ['mcp:operate'], { kind: 'list_locks' }, allow('operators')],
  [
    'and not for whoever may run everything',
    ['mcp:execute', 'mcp:admin'],
    { kind: 'add_lock', on: { kind: 'all' }, reason: '' },
    lacking(['mcp:operate'], ['mcp:operate']),
  ],
  [
    'nor are they lifted by others',
    ['mcp:execute'],
    { kind: 'remove_lock', lock: 'lock_1' },
    lacking(['mcp:operate'], ['mcp:operate']),
  ],
  ['many hosts are decided one by one', ['mcp:execute'], onHosts('vault', 'nowhere'), allow('host-by-host')],
  [
    'without mcp:execute nobody looks for hosts to run on',
    [],
    onHosts('*'),
    lacking(['mcp:execute'], ['mcp:execute']),
  ],
]

describe('without rules', () => {
  test.each(cases)('%s', (_, scopes, action, expected) => {
    expect(decide(callOf(scopes, action), { hosts: fleet(web, vault), now: new Date(0) })).toEqual(expected)
  })
})

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

function fleet(...hosts: Host[]): Hosts {
  return { list: () => hosts, find: (name) => hosts.find((one) => one.name === name) }
}

function run(name: string): Action {
  return { kind: 'run', host: hostName(name), command: 'uptime', timeoutMs: 1_000, waitMs: 1_000 }
}

function onHosts(...hosts: string[]): Action {
  return { kind: 'run_on_hosts', hosts, command: 'uptime', timeoutMs: 1_000, deadlineMs: 1_000, canary: 0 }
}

function callOf(scopes: string[] | 'all', action: Action): Call {
  const principal: Principal = {
    issuer: 'https://idp.example.com/',
    subject: 'u1',
    method: 'oauth',
    groups: [],
    roles: [],
    scopes: scopes === 'all' ? 'all' : new Set(scopes),
  }
  return { id: 'call_1', principal, action, edge: 'cli', receivedAt: new Date(0) }
}

function allow(rule: string): Decision {
  return { verdict: 'allow', rule }
}

function lacking(missing: string[], required: string[]): Decision {
  return {
    verdict: 'deny',
    rule: 'required-scopes',
    reason: { code: 'insufficient_scope', missing, required },
  }
}

function notFound(): Decision {
  return { verdict: 'deny', rule: 'known-hosts-only', reason: { code: 'host_not_found' } }
}

function transfer(from: string | undefined, to: string | undefined): Action {
  const end = (name: string | undefined) =>
    name === undefined
      ? ({ kind: 'link' } as const)
      : ({ kind: 'host', host: hostName(name), path: '/x', sudo: false } as const)
  return {
    kind: 'transfer_file',
    from: end(from),
    to: end(to),
    recursive: false,
    overwrite: false,
    resume: false,
    timeoutMs: 1_000,
  }
}
