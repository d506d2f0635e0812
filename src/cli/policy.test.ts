import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { callOf, principalIn, readFile, writeFile } from '../../test/kit/rules.ts'
import { runCli } from '../../test/kit/run-cli.ts'
import type { Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { auditLine } from '../store/audit-record.ts'

const at = new Date('2026-11-23T12:00:00Z')
let folder: ConfigFolder
let config: string

beforeEach(() => {
  folder = configFolder()
  mkdirSync(join(folder.path, 'audit'))
  config = folder.write('config.yaml', FLEET + ROLES + RULES)
})

afterEach(() => folder.remove())

const FLEET = `# Nothing of it is there.
storage: {directory: state}
server:
  enable_http: true
  api_keys: [{name: robot, sha256: ${'a'.repeat(64)}, scopes: ['mcp:execute']}]
  oauth: {enabled: true, issuer: 'https://idp.example.com/', audience: 'https://ssh.example.com', provider: generic}
hosts:
  - {name: web-1, host: 192.0.2.1, username: u, agent: /a, tags: [web]}
  - {name: web-2, host: 192.0.2.2, username: u, agent: /a, tags: [web]}
  - {name: db-1, host: 192.0.2.3, username: u, agent: /a}
`
const ROLES = `roles:
  - {name: operators, match: [{groups: [ops]}]}
  - {name: robots, match: [{api_keys: [robot]}]}
  - {name: leads, match: [{groups: [leads]}]}
people: [{name: alex, emails: [alex@example.com]}]
`
const RULES = `rules:
  - {name: logs, hosts: ['tag:web'], actions: [read], paths: ['/var/log/**'], effect: allow}
  - {name: nights, roles: [operators], actions: [write], when: [{days: mon-fri, from: '22:00'}], effect: allow}
  - {name: ask, roles: [operators], hosts: [web-2], actions: [write], approvers: [leads], effect: approve}
  - {name: see, hosts: [web-1], actions: [session], effect: allow}
`

const inFiles = () => ['--audit', join(folder.path, 'audit')]
const policy = (...args: string[]) => runCli('policy', ...args)
const check = (...args: string[]) => policy('check', '--config', config, '--at', at.toISOString(), ...args)
const asOps = ['--as', 'alex', '--groups', 'ops']
const reading = (path: string, host = 'web-1') => ['--host', host, '--action', 'read_file', '--path', path]
const writing = (path: string, host = 'web-1') => ['--host', host, '--action', 'write_file', '--path', path]

describe('policy check', () => {
  test('says what the rules say, by which rule, and where it is written', async () => {
    const { code, out } = await check('--as', 'alex', ...reading('/var/log/syslog'))
    expect(code).toBe(0)
    expect(out).toBe(`allow (logs)
  alex@example.com on web-1, at 2026-11-23T12:00:00.000Z; roles: none
- read: read /var/log/syslog
  allow: logs (${config}:17:5)
`)
  })

  test('says of a denial what was missing, and another host where the same is allowed', async () => {
    const { code, out } = await check(...asOps, ...writing('/srv/x'), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'deny',
      rule: 'no-rule',
      roles: ['operators'],
      parts: [{ needs: 'write: write /srv/x', verdict: 'deny' }],
      suggestions: [{ kind: 'time', verdict: 'allow', from: '2026-11-23T22:00:00.000Z' }],
    })
  })

  test('says who would be asked', async () => {
    const { out } = await check(...asOps, ...writing('/srv/x', 'web-2'))
    expect(out).toContain('approve (ask)')
    expect(out).toContain('1 of: leads')
    expect(out).toContain('Wait until 2026-11-23T22:00:00.000Z')
  })

  test('tells a host that is out of reach from one that is not there, which callers cannot', async () => {
    const { code, out } = await check('--as', 'robot', '--host', 'db-1', '--', 'uptime')
    expect(code).toBe(0)
    expect(out).toContain('deny (known-hosts-only)')
    expect(out).toContain('to them there is no host of that name')
    const unknown = await check('--as', 'robot', '--host', 'nowhere', '--', 'uptime')
    expect(unknown.code).toBe(2)
    expect(unknown.err).toContain('no host is named "nowhere"; there are: db-1, web-1, web-2')
  })

  test.each([
    ['a role', ['--role', 'operators'], 'operators'],
    ['an API key', ['--as', 'robot'], 'robots'],
    ['a role that a key holds', ['--role', 'robots'], 'robots'],
    ['a group', ['--as', 'somebody@example.com', '--groups', 'x,leads'], 'leads'],
  ])('asks for %s', async (_, who, role) => {
    const { out } = await check(...who, ...reading('/var/log/x'))
    expect(out).toContain(`roles: ${role}\n`)
  })

  test('asks for the claims of a token, as the bridge reads them', async () => {
    const claims = { iss: 'https://idp.example.com/', sub: 'u1', groups: ['ops'], scope: 'mcp:execute' }
    const file = folder.write('claims.json', JSON.stringify(claims))
    const { out } = await check('--claims', file, ...reading('/var/log/x'))
    expect(out).toContain('u1 on web-1')
    expect(out).toContain('roles: operators\n')
    const lacking = folder.write('lacking.json', JSON.stringify({ ...claims, scope: 'profile' }))
    expect((await check('--claims', lacking, ...reading('/var/log/x'))).out).toContain(
      'Ask for a token with the scopes mcp:execute',
    )
  })

  test('exits with 1 only when something else was expected', async () => {
    const expecting = (verdict: string) => check(...asOps, ...writing('/srv/x', 'web-2'), '--expect', verdict)
    expect((await expecting('approve')).code).toBe(0)
    const { code, err } = await expecting('deny')
    expect(code).toBe(1)
    expect(err).toBe('expected deny, and it is approve\n')
  })

  test('asks a changed file of rules', async () => {
    const rules = folder.write(
      'rules.yaml',
      "rules: [{name: all, hosts: ['*'], actions: [write], effect: allow}]\n",
    )
    const { out } = await check(...asOps, ...writing('/srv/x'), '--rules', rules)
    expect(out).toContain('allow (all)')
    expect(out).toContain('roles: operators')
    expect(out).toContain(`${rules}:1:9`)
  })

  test.each([
    ['nobody', [], 'say who asks'],
    ['two', ['--as', 'alex', '--role', 'leads'], 'say who asks'],
    [
      'a role that there is not',
      ['--role', 'gods'],
      'no role is named "gods"; there are: operators, robots, leads',
    ],
    ['claims that are not there', ['--claims', '/nowhere/claims.json', '--', 'uptime'], 'cannot be read'],
    ['an action that there is not', ['--as', 'alex', '--action', 'fly'], 'the action is none of'],
    [
      'a command that does not stand behind --',
      ['--as', 'alex', 'ls', '-la'],
      "unknown option '-la': what belongs to the command that is asked about stands behind --, as in -- ls -la",
    ],
    [
      'no command',
      ['--as', 'alex'],
      'there is no command: write what would be run, on a command line behind --',
    ],
    [
      'an expectation that cannot be',
      ['--as', 'alex', '--expect', 'maybe', '--', 'uptime'],
      '--expect is none of',
    ],
    ['an hour that is none', ['--as', 'alex', '--at', 'soon', '--', 'uptime'], '--at is no time'],
    ['an address that is none', ['--as', 'alex', '--from', 'home', '--', 'uptime'], 'from is no address'],
  ])('refuses %s in one sentence', async (_, args, says) => {
    const { code, err } = await policy('check', '--config', config, '--host', 'web-1', ...args)
    expect(code).toBe(2)
    expect(err).toContain(says)
  })
})

describe('policy replay', () => {
  const alex = principalIn(['ops'], { email: 'alex@example.com' })
  const kim = principalIn([], { subject: 'u2', email: 'kim@example.com' })

  beforeEach(() => {
    record(callOf(readFile('/var/log/syslog'), alex), { verdict: 'allow', rule: 'logs' })
    record(callOf(readFile('/var/log/auth.log'), kim), { verdict: 'allow', rule: 'logs' })
    record(callOf(writeFile('/srv/x', 'web-2'), alex), {
      verdict: 'approve',
      rule: 'ask',
      terms: { approvers: ['leads'], count: 1, expiresAfterMs: 1, selfApprove: false },
    })
    const why = { code: 'forbidden', why: 'no' } as const
    record(callOf(readFile('/etc/shadow'), kim), { verdict: 'deny', rule: 'no-rule', reason: why })
    const limit = { code: 'rate_limited', retryAfterMs: 1 } as const
    record(callOf(readFile('/etc/shadow'), kim), { verdict: 'deny', rule: 'limits', reason: limit })
  })

  test('under the same rules finds nothing that differs', async () => {
    const { code, out } = await replay(RULES, '--fail-on-new-allow')
    expect(out).toBe(`5 calls, 4 unchanged, 0 newly denied, 0 newly approve, 0 newly allowed
1 call met a limit or a lock: no rule was asked, nothing is compared
`)
    expect(code).toBe(0)
  })

  test('lists by person and host what stricter rules would have denied, and lets that pass', async () => {
    const { code, out } = await replay(RULES.replace('/var/log/**', '/var/log/sys*'), '--fail-on-new-allow')
    expect(out).toContain(`kim@example.com on web-1: allow → deny, 1 call, latest 2026-11-23T12:00:00.000Z
    by no-rule, was logs
    read_file /var/log/auth.log
`)
    expect(out).toContain('5 calls, 3 unchanged, 1 newly denied, 0 newly approve, 0 newly allowed')
    expect(code).toBe(0)
  })

  test.each([
    [
      'lets through what was denied',
      RULES.replace('/var/log/**', '/**'),
      'kim@example.com on web-1: deny → allow',
    ],
    [
      'leaves to people what was denied',
      RULES.replace(
        '- {name: see',
        '- {name: more, actions: [read], approvers: [leads], effect: approve}\n  - {name: see',
      ),
      'kim@example.com on web-1: deny → approve',
    ],
    [
      'lets through what people were asked for',
      RULES.replace('approvers: [leads], effect: approve', 'effect: allow'),
      'alex@example.com on web-2: approve → allow',
    ],
  ])('fails a check when a change %s', async (_, rules, says) => {
    const { code, out, err } = await replay(rules, '--fail-on-new-allow')
    expect(out).toContain(says)
    expect(err).toContain('would be let through, or left to people, that had not been')
    expect(code).toBe(1)
    expect((await replay(rules)).code).toBe(0)
  })

  test('counts as tainted who counted as that', async () => {
    const rules = RULES.replace(
      'effect: allow}\n  - {name: ask',
      'effect: allow}\n  - {name: www, roles: [operators], hosts: [web-1], actions: [write], when_tainted: deny, effect: allow}\n  - {name: ask',
    )
    expect(rules).not.toBe(RULES)
    const why = { code: 'forbidden', why: 'no' } as const
    const writing = callOf(writeFile('/srv/x', 'web-1'), alex)
    record(writing, { verdict: 'deny', rule: 'www', reason: why, tainted: 'a log' })
    record(writing, { verdict: 'allow', rule: 'www' })
    expect((await replay(rules)).out).toContain('7 calls, 6 unchanged')
  })

  test('says of older records that it does not know who asked, and does not guess', async () => {
    record(callOf(readFile('/etc/shadow'), alex), { verdict: 'allow', rule: 'r' }, (line) =>
      line.replace(/"claims":\{[^}]*\},/, ''),
    )
    const { out } = await replay(RULES)
    expect(out).toContain('6 calls, 4 unchanged')
    expect(out).toContain('identity incomplete: 1 call')
  })

  test('tells on standard error what it could not read', async () => {
    record(
      callOf(readFile('/etc/shadow'), alex),
      { verdict: 'allow', rule: 'r' },
      (line) => `${line.slice(0, 50)}\n`,
    )
    const { code, err } = await replay(RULES)
    expect(err).toContain('1 record of the audit could not be read')
    expect(err).toContain('audit-2026-11-23.jsonl:6: torn')
    expect(code).toBe(0)
  })

  test('looks at a period', async () => {
    expect((await replay(RULES, '--since', '2026-11-24')).out).toContain('0 calls')
    expect((await replay(RULES, '--until', '2026-11-23T12:00:01Z')).out).toContain('5 calls')
  })

  test('prints JSON for programs', async () => {
    const { out } = await replay(RULES.replace('/var/log/**', '/**'), '--json')
    expect(JSON.parse(out)).toMatchObject({
      calls: 5,
      newly_allowed: 1,
      weaker: 1,
      differences: [
        {
          person: 'kim@example.com',
          hosts: ['web-1'],
          was: 'deny',
          would_be: 'allow',
          count: 1,
          samples: ['read_file /etc/shadow'],
        },
      ],
    })
  })

  test('reads a whole configuration as well as rules alone', async () => {
    const whole = folder.write('other.yaml', FLEET + ROLES + RULES.replace('/var/log/**', '/**'))
    const { out } = await policy('replay', '--config', config, '--rules', whole, ...inFiles())
    expect(out).toContain('1 newly allowed')
  })

  test.each([
    [
      'that name no host',
      'rules: [{name: a, hosts: [nowhere], effect: allow}]\n',
      'rules.yaml:1:26: no host is named `nowhere`',
    ],
    ['that are none', 'rules: 5\n', 'rules.yaml:1:8'],
    ['that say nothing', '\n', 'does not say who may do what'],
  ])('refuses rules %s, with their place', async (_, rules, says) => {
    const { code, err } = await replay(rules)
    expect(code).toBe(2)
    expect(err).toContain(says)
  })

  test('refuses an audit log that is not there', async () => {
    const { code, err } = await replay(RULES, '--audit', join(folder.path, 'nowhere'))
    expect(code).toBe(2)
    expect(err).toContain('cannot be read: ENOENT')
  })

  function replay(rules: string, ...args: string[]) {
    return policy(
      'replay',
      '--config',
      config,
      '--rules',
      folder.write('rules.yaml', rules),
      ...inFiles(),
      ...args,
    )
  }

  function record(call: Call, decision: Decision, change = (line: string) => line): void {
    const line = change(auditLine({ type: 'call.decided', at, call, decision }))
    appendFileSync(join(folder.path, 'audit', 'audit-2026-11-23.jsonl'), line)
  }
})

describe('policy test', () => {
  const cases = (text: string, ...args: string[]) =>
    policy('test', '--config', config, folder.write('cases.yaml', text), ...args)
  const HOLDING = `- {as: alex, host: web-1, action: read_file, path: /var/log/syslog, expect: allow, rule: logs}
- {as: alex, host: web-1, action: read_file, path: /etc/shadow, expect: deny}
- {role: operators, host: web-2, action: write_file, path: /x, at: '2026-11-23T12:00Z', expect: approve}
`

  test('is content when every case holds', async () => {
    expect(await cases(HOLDING)).toEqual({ code: 0, out: '3 cases, 0 failed\n', err: '' })
  })

  test('says what a list of cases is, of a file that is none', async () => {
    const { code, err } = await cases('rules: []\n')
    expect(code).toBe(2)
    expect(err).toContain('cases.yaml:1:1: this is no list of cases: write `- {as: NAME')
  })

  test('names each case that does not hold, with its place', async () => {
    const { code, out } = await cases(`${HOLDING}- name: logs are for leads
  as: alex
  host: web-1
  action: read_file
  path: /var/log/syslog
  expect: deny
- {as: alex, host: web-1, command: 'rm x', sudo: true, expect: allow}
`)
    expect(code).toBe(1)
    expect(out).toBe(`${folder.path}/cases.yaml:4:3: logs are for leads: expected deny, got allow (logs)
${folder.path}/cases.yaml:10:3: alex on web-1: rm x (as root): expected allow, got deny (no-rule)
5 cases, 2 failed
`)
    expect(JSON.parse((await cases(HOLDING, '--json')).out)).toHaveLength(3)
  })

  test.each([
    ['is no list', 'as: alex\n', 'cases.yaml:1:1'],
    ['has a case without an expectation', '- {as: alex, host: web-1, command: x}\n', '`expect` is missing'],
    ['has a case with a key that is none', '- {as: alex, hots: web-1, expect: deny}\n', 'cases.yaml:1:14'],
    [
      'has a case about a host that is not there',
      '- {as: alex, host: x, command: x, expect: deny}\n',
      'cases.yaml:1:3: no host is named "x"',
    ],
    [
      'has a case that nobody asks',
      '- {host: web-1, command: x, expect: deny}\n',
      'cases.yaml:1:3: say who asks',
    ],
    ['is empty', '[]\n', 'has no cases'],
  ])('refuses a file that %s', async (_, text, says) => {
    const { code, err } = await cases(text)
    expect(code).toBe(2)
    expect(err).toContain(says)
  })
})
