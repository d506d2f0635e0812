import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../../test/kit/config-folder.ts'
import { callOf, principalIn, readFile, run, writeFile } from '../../../test/kit/rules.ts'
import { runCli } from '../../../test/kit/run-cli.ts'
import type { Action } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import { hostName } from '../../domain/host.ts'
import type { Principal } from '../../domain/principal.ts'
import { auditLine } from '../../store/audit-record.ts'

const at = new Date('2026-11-23T12:00:00Z')
const alex = principalIn(['ops', 'staff'], { subject: 'u1', email: 'alex@example.com' })
const kim = principalIn(['ops', 'staff'], { subject: 'u2', email: 'kim@example.com' })
const sam = principalIn(['staff'], { subject: 'u3', email: 'sam@example.com' })
const robot: Principal = {
  issuer: 'api-key',
  subject: 'robot',
  method: 'api_key',
  groups: [],
  roles: [],
  scopes: new Set(['mcp:execute']),
}
const allowed: Decision = { verdict: 'allow', rule: 'required-scopes' }

let folder: ConfigFolder
let config: string

beforeEach(() => {
  folder = configFolder()
  mkdirSync(join(folder.path, 'audit'))
  config = folder.write(
    'config.yaml',
    `storage: {directory: state}
server:
  enable_http: true
  oauth: {enabled: true, issuer: 'https://idp.example.com/', audience: 'https://ssh.example.com', provider: generic}
  api_keys: [{name: robot, sha256: ${'a'.repeat(64)}, scopes: ['mcp:execute']}]
hosts:
  - {name: web-1, host: 192.0.2.1, username: u, agent: /a, tags: [web]}
  - {name: web-2, host: 192.0.2.2, username: u, agent: /a, tags: [web]}
  - {name: db-1, host: 192.0.2.3, username: u, agent: /a}
`,
  )
})

afterEach(() => folder.remove())

function saw(who: Principal, ...actions: Action[]): void {
  for (const action of actions) record(who, action, allowed)
}

function record(who: Principal, action: Action, decision: Decision): void {
  const line = auditLine({ type: 'call.decided', at, call: callOf(action, who), decision })
  appendFileSync(join(folder.path, 'audit', 'audit-2026-11-23.jsonl'), line)
}

const inFiles = () => ['--audit', join(folder.path, 'audit')]
const suggest = (...args: string[]) => runCli('policy', 'suggest', '--config', config, ...inFiles(), ...args)

test('what was seen becomes rules for groups, tags and classes, which allow that and nothing dangerous', async () => {
  for (const who of [alex, kim]) {
    for (const host of ['web-1', 'web-2']) {
      saw(who, run('tail -n 100 /var/log/nginx/error.log', host), run('systemctl status nginx', host))
      for (const unit of ['app-1', 'app-2', 'app-3']) saw(who, run(`sudo systemctl restart ${unit}`, host))
    }
  }
  saw(sam, readFile('/etc/motd', 'db-1'), { kind: 'describe_host', host: hostName('db-1'), refresh: false })
  saw(robot, writeFile('/srv/www/index.html', 'web-1'), { kind: 'open_session', host: hostName('web-1') })
  saw(robot, { kind: 'list_hosts' }, { kind: 'check_command', host: hostName('web-1'), command: 'x' })

  const { code, out, err } = await suggest()
  expect(code).toBe(0)
  expect(out).toBe(`# Written by ssh-mcp-bridge policy suggest from 24 calls, 2026-11-23 to 2026-11-23.
# 24 of them are allowed by these rules; everything else is denied. Read them before you use them.
#
roles:
  # alex@example.com, kim@example.com
  - name: "ops"
    match:
      - {groups: ["ops"], issuers: ["https://idp.example.com/"]}
  # robot
  - name: "robot"
    match:
      - {api_keys: ["robot"]}
  # sam@example.com
  - name: "sam"
    match:
      - {issuers: ["https://idp.example.com/"], emails: ["sam@example.com"]}
rules:
  # seen 4 times by 2 people, latest 2026-11-23
  - name: "ops-read"
    roles: ["ops"]
    hosts: ["tag:web"]
    actions: ["read"]
    commands:
      - "systemctl status nginx"
    effect: allow
  # seen 4 times by 2 people, latest 2026-11-23
  - name: "ops-read-2"
    roles: ["ops"]
    hosts: ["tag:web"]
    actions: ["read"]
    paths:
      - "/var/log/nginx/error.log"
    effect: allow
  # seen 12 times by 2 people, latest 2026-11-23
  - name: "ops-sudo"
    roles: ["ops"]
    hosts: ["tag:web"]
    actions: ["sudo"]
    commands:
      - "systemctl restart app-*"
    effect: allow
  # seen 1 time, latest 2026-11-23
  - name: "robot-write"
    roles: ["robot"]
    hosts: ["web-1"]
    actions: ["write"]
    paths:
      - "/srv/www/index.html"
    effect: allow
  # seen 1 time, latest 2026-11-23
  - name: "robot-session"
    roles: ["robot"]
    hosts: ["web-1"]
    actions: ["session"]
    effect: allow
  # seen 1 time, latest 2026-11-23
  - name: "sam-read"
    roles: ["sam"]
    hosts: ["db-1"]
    actions: ["read"]
    commands:
      - "describe_host"
    effect: allow
  # seen 1 time, latest 2026-11-23
  - name: "sam-read-2"
    roles: ["sam"]
    hosts: ["db-1"]
    actions: ["read"]
    paths:
      - "/etc/motd"
    effect: allow
`)
  expect(err).toMatch(/7 rules for 3 roles; of 24 calls .* they allow 24\./)
  expect(err).toMatch(/Of \d{3} dangerous things that nobody did they allow 0\./)

  const rules = folder.write('rules.yaml', out)
  const replayed = await runCli(
    'policy',
    'replay',
    ...inFiles(),
    '--config',
    config,
    '--rules',
    rules,
    '--fail-on-new-allow',
  )
  expect(replayed.out).toContain('0 newly denied, 0 newly approve, 0 newly allowed')
  const check = (...args: string[]) =>
    runCli('policy', 'check', '--config', config, '--rules', rules, ...args)
  const asOps = ['--as', 'lee@example.com', '--groups', 'ops', '--host', 'web-2']
  expect((await check(...asOps, '--', 'sudo systemctl restart app-9')).out).toContain('allow (ops-sudo)')
  expect((await check(...asOps, '--', 'sudo systemctl stop app-1')).out).toContain('deny')
  expect((await check(...asOps, '--', 'cat /etc/shadow')).out).toContain('deny')
})

test('the same past gives the same text, in whatever order it was made', async () => {
  const seen: [Principal, Action][] = [alex, sam, kim].flatMap((who) =>
    ['uptime', 'df -h', 'rm /srv/x'].map((command): [Principal, Action] => [who, run(command, 'db-1')]),
  )
  for (const [who, action] of seen) saw(who, action)
  const { out } = await suggest()
  folder.write('audit/audit-2026-11-23.jsonl', '')
  for (const [who, action] of [...seen].reverse()) saw(who, action)
  expect((await suggest()).out).toBe(out)
  expect(out).toContain('groups: ["staff"]')
})

test('what a rule only observed counts as seen, what was denied or asked of people does not', async () => {
  const why = { code: 'forbidden', why: 'no' } as const
  record(alex, run('uptime'), {
    verdict: 'deny',
    rule: 'no-rule',
    reason: why,
    observed: { rule: 'trial', verdict: 'allow' },
  })
  record(alex, run('reboot'), { verdict: 'deny', rule: 'no-rule', reason: why })
  const terms = { approvers: ['leads'], count: 1, expiresAfterMs: 1, selfApprove: false }
  record(alex, run('halt'), { verdict: 'approve', rule: 'ask', terms })
  const { out } = await suggest()
  expect(out).toContain('- "uptime"')
  expect(out).not.toContain('reboot')
  expect(out).not.toContain('halt')
})

test('what no pattern can name is not allowed, and told', async () => {
  saw(alex, run('rm $FILE'), run('df -h | sh'), run('uptime'))
  const { out, err } = await suggest()
  expect(out).toContain('1 of them are allowed')
  expect(err).toContain('they allow 1.')
  expect(err).toContain('alex@example.com on web-1: rm $FILE')
  expect(err).toContain('no pattern can name what 1 call did: sh does what its input says')
})

test('what was asked seldom can be left out', async () => {
  saw(alex, run('uptime'), run('uptime'), run('id'))
  const { out } = await suggest('--min-count', '2')
  expect(out).toContain('- "uptime"')
  expect(out).not.toContain('"id"')
  expect(out).toContain('What was asked less than 2 times is left out.')
})

test('what was asked cannot write into the file of rules', async () => {
  const nasty = 'rm "a\nrules:\n  - {name: all, effect: allow}"'
  const name = 'x\u2028- {name: y}\n# z'
  saw({ ...alex, email: undefined as never, name, groups: [] }, run(nasty))
  const { out } = await suggest()
  expect(out.split('\n').filter((line) => line.startsWith('rules:'))).toHaveLength(1)
  expect(out).not.toContain('\u2028')
  const rules = folder.write('rules.yaml', out)
  const { code } = await runCli('policy', 'replay', '--config', config, '--rules', rules, ...inFiles())
  expect(code).toBe(0)
})

test('an audit that holds nothing gives rules that allow nothing', async () => {
  const { code, out } = await suggest()
  expect(code).toBe(0)
  expect(out).toContain('roles: []\nrules: []\n')
})
