import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { loadConfig } from './load-config.ts'
import { problemLine } from './problem.ts'

let folder: ConfigFolder
beforeEach(() => {
  folder = configFolder()
})
afterEach(() => folder.remove())

const BEFORE = `server: {enable_http: true, enable_stdio: false, api_keys: [{name: robot, sha256: ${'a'.repeat(64)}}]}
hosts:
  - {name: web-1, host: 192.0.2.1, username: u, agent: /a, tags: [prod], required_scopes: [mcp:admin]}
roles:
  - {name: ops, match: [{groups: ops}]}
  - {name: leads, match: [{groups: leads}]}
`
/** The first rule stands in this line. */
const FIRST = 8

async function load(text: string, before = BEFORE) {
  return loadConfig(folder.write('config.yaml', before + text), {}, { home: folder.home })
}

async function problems(text: string): Promise<string[]> {
  const result = await load(text)
  return result.ok ? [] : result.problems.map((one) => problemLine(one).replaceAll(`${folder.path}/`, ''))
}

async function warnings(text: string, before = BEFORE): Promise<readonly string[]> {
  const result = await load(text, before)
  if (!result.ok) throw new Error(result.problems.map(problemLine).join('\n'))
  return result.config.warnings
}

async function rulesOf(text: string, before = BEFORE) {
  const result = await load(text, before)
  if (!result.ok) throw new Error(result.problems.map(problemLine).join('\n'))
  return result.config
}

const allow = 'effect: allow'

/** A rule, where in its line the mistake stands, and what is said. */
const mistakes: [rule: string, at: string, message: string][] = [
  [`roles: opps, ${allow}`, 'opps', 'no role is named `opps`: did you mean `ops`?'],
  [
    `roles: everybody, ${allow}`,
    'everybody',
    'no role is named `everybody`: add it to roles, or write the name of one that is there',
  ],
  [`hosts: web1, ${allow}`, 'web1', 'no host is named `web1`: did you mean `web-1`?'],
  [`hosts: mail, ${allow}`, 'mail', 'no host is named `mail`: write the name of a host'],
  [
    `hosts: ['!web-1'], ${allow}`,
    "['!web-1']",
    'only takes hosts out: name those that are meant as well; "*" is all of them',
  ],
  [
    `hosts: 'web-[', ${allow}`,
    "'web-['",
    '`hosts` must be a host name, a pattern (web-*, web-[01-20]) or tag:NAME; ! in front takes hosts out',
  ],
  [
    `actions: reed, ${allow}`,
    'reed',
    '`actions` is `reed`, but must be one of read, run, write, sudo, session, terminal, transfer',
  ],
  [`commands: '', ${allow}`, "''", '`commands` must be a pattern of a command'],
  [
    `commands: 'cat **  x', ${allow}`,
    "'cat",
    '`commands` must be a pattern of a command: ** can only be the last word',
  ],
  [`commands: 'cat /[/', ${allow}`, "'cat", '`commands` must be a pattern of a command'],
  [`paths: etc/passwd, ${allow}`, 'etc/passwd', '`paths` is `etc/passwd`, but must begin with / or ~/'],
  [
    `paths: /etc/../x, ${allow}`,
    '/etc/../x',
    '`paths` is `/etc/../x`, but must not hold ..: write the path as it is',
  ],
  [
    `paths: '/var/**.log', ${allow}`,
    "'/var",
    'must have ** alone between two slashes: *.log is one name, **/*.log one at any depth',
  ],
  [`paths: '/var/[a', ${allow}`, "'/var/[a'", '`paths` must close every [ with a ]'],
  [
    `when: [{days: funday}], ${allow}`,
    'funday',
    '`days` is `funday`, but must be a day or days: mon, mon-fri, or a list of them',
  ],
  [
    `when: [{from: '25:00'}], ${allow}`,
    "'25:00'",
    '`from` is `25:00`, but must be a time of day such as 08:00, in quotes',
  ],
  [
    `when: [{time_zone: Europe/Berln}], ${allow}`,
    'Europe/Berln',
    '`time_zone` is `Europe/Berln`, but must be a time zone such as Europe/Berlin or UTC',
  ],
  [
    `from: 10.0.0.0/33, ${allow}`,
    '10.0.0.0/33',
    '`from` is `10.0.0.0/33`, but must be an IP address or a range such as 10.0.0.0/8 or 2001:db8::/32',
  ],
  ['effect: permit', 'permit', '`effect` is `permit`, but must be one of allow, approve, deny, observe'],
  [
    'effect: approve',
    'approve',
    'nobody may approve: name roles in approvers, here or in approvals, or write self_approve: true',
  ],
  ['effect: approve, approvers: boss', 'boss', 'no role is named `boss`'],
  [
    `when_tainted: approve, ${allow}`,
    'approve',
    'nobody may approve: name roles in approvers, here or in approvals, or write deny',
  ],
  ['when_tainted: deny, effect: deny', 'deny', 'makes more of effect: allow, and of nothing else: remove it'],
  ['would: deny, effect: allow', 'deny', 'belongs to effect: observe alone: remove it'],
  ['step_up: a b, effect: allow', 'a b', 'must be one scope without spaces, quotes or backslashes'],
  ['step_up: x, effect: deny', 'x', 'says nothing where the effect is deny: remove `step_up`'],
  ['sensitive: true, effect: deny', 'true', 'says nothing where the effect is deny: remove `sensitive`'],
  [
    `actions: session, paths: /x, ${allow}`,
    '/x',
    'allows nothing with actions: session: paths are about read, write, sudo, transfer',
  ],
  [
    `actions: write, commands: ls, ${allow}`,
    'ls',
    'allows nothing with actions: write: commands are about read, run, sudo',
  ],
  [`host: web-1, ${allow}`, 'host', 'unknown key `host`: did you mean `hosts`?'],
]

describe('a rule with a mistake does not start', () => {
  test.each(mistakes)('%s', async (rule, at, message) => {
    const line = `  - {name: r, ${rule}}`
    const [problem, ...more] = await problems(`rules:\n${line}\n`)
    expect(problem).toContain(message)
    expect(problem).toMatch(
      new RegExp(`^config\\.yaml:${FIRST}:${line.indexOf(at, '  - {name: r, '.length) + 1}: `),
    )
    expect(more).toEqual([])
  })

  test('names are given once, and not those of the bridge itself', async () => {
    const text =
      'rules:\n  - {name: a, effect: deny}\n  - {name: a, effect: allow}\n  - {name: no-rule, effect: deny}\n'
    expect(await problems(text)).toEqual([
      'config.yaml:9:12: rule name `a` is already taken at config.yaml:8:12: give one of the two another name',
      'config.yaml:10:12: `no-rule` is what the bridge itself calls a decision: take another name',
    ])
    expect(await problems(`  - {name: ops, match: [{groups: x}]}\nrules: []\n`)).toEqual([
      'config.yaml:7:12: role name `ops` is already taken at config.yaml:5:12: give one of the two another name',
    ])
  })

  test('rules without a value are neither none nor all', async () => {
    expect(await problems('rules:\n')).toEqual([
      'config.yaml:7:7: `rules` is empty, but must be a list of mappings',
    ])
  })

  test('each way in belongs to one person', async () => {
    const text = `rules: []
people:
  - {name: ada, emails: Ada@example.com, api_keys: robot}
  - {name: eve, emails: ada@example.com, api_keys: [robot, robbot], os_users: eve}
  - {name: ada, principals: [{issuer: os, subject: eve}]}
`
    expect(await problems(text)).toEqual([
      'config.yaml:10:25: this address belongs to somebody already at config.yaml:9:25: each has one owner',
      'config.yaml:10:52: this key belongs to somebody already at config.yaml:9:52: each has one owner',
      'config.yaml:10:52: no API key is named `robbot`: did you mean `robot`?',
      'config.yaml:11:12: this name belongs to somebody already at config.yaml:9:12: each has one owner',
      'config.yaml:11:29: this account belongs to somebody already at config.yaml:10:79: each has one owner',
    ])
  })

  test('approvers of all rules are roles', async () => {
    expect(await problems('rules: []\napprovals: {approvers: [boss]}\n')).toEqual([
      'config.yaml:8:24: no role is named `boss`: add it to roles, or write the name of one that is there',
    ])
  })
})

describe('what is worth a line at start-up', () => {
  test('an empty list denies everything', async () => {
    expect(await warnings('rules: []\n')).toContain(
      'rules is an empty list: everything on every host is denied.',
    )
  })

  test('without rules whoever may call may do anything, and roles are for nothing', async () => {
    const lines = await warnings('')
    expect(lines.join()).toMatch(/No rules: whoever may call/)
    expect(lines).toContain('Roles are configured, but no rules: nobody asks for a role.')
    expect((await warnings('rules: [{name: a, effect: allow}]\n')).join()).not.toMatch(/No rules/)
  })

  test.each([
    ["hosts: 'db-*', effect: allow", 'Rule r: db-* means none of the hosts that there are.'],
    ["hosts: ['*', '!tag:old'], effect: allow", 'Rule r: !tag:old means none of the hosts that there are.'],
    ['roles: ops, effect: allow', 'No rule names the role leads.'],
  ])('%s', async (rule, line) => {
    expect(await warnings(`rules: [{name: r, ${rule}}]\n`)).toContain(line)
  })

  test.each<[string, string, boolean]>([
    ['{name: a, effect: allow}', '{name: b, roles: ops, effect: deny}', true],
    [
      '{name: a, roles: [ops, leads], effect: allow}',
      '{name: b, roles: ops, actions: read, effect: deny}',
      true,
    ],
    ['{name: a, hosts: web-1, effect: deny}', '{name: b, hosts: web-1, actions: read, effect: allow}', true],
    ['{name: a, roles: ops, effect: allow}', '{name: b, effect: deny}', false],
    ['{name: a, paths: /x, effect: allow}', '{name: b, effect: deny}', false],
    ['{name: a, effect: observe}', '{name: b, effect: deny}', false],
    ['{name: a, when: [{days: mon}], effect: allow}', '{name: b, effect: deny}', false],
    ["{name: a, hosts: ['*', '!web-1'], effect: allow}", "{name: b, hosts: ['*'], effect: deny}", false],
    ['{name: a, effect: allow}', '{name: b, secrets: true, effect: allow}', false],
  ])('%s before %s: never asked %s', async (first, second, isCovered) => {
    const lines = await warnings(`rules:\n  - ${first}\n  - ${second}\n`)
    expect(lines.includes('Rule b never decides anything: a before it is about all of it.')).toBe(isCovered)
  })

  test('whoever comes by a key that is nobody in particular is no second person', async () => {
    const asks = 'rules: [{name: a, effect: approve, approvers: leads}]\n'
    expect((await warnings(asks)).join()).toMatch(/people does not say whose the API key robot is/)
    expect((await warnings(`${asks}people: [{name: ada, api_keys: robot}]\n`)).join()).not.toMatch(
      /people does not/,
    )
    expect((await warnings('rules: [{name: a, effect: allow}]\n')).join()).not.toMatch(/people does not/)
    const stdio = await warnings(asks, BEFORE.replace('enable_stdio: false', 'enable_stdio: true'))
    expect(stdio.join()).toMatch(/the API key robot, the user at standard input are/)
  })
})

describe('what the rules of a file come to', () => {
  test('their version changes with what is decided, and with nothing else', async () => {
    const version = async (text: string, before = BEFORE) => (await rulesOf(text, before)).rules?.version
    const rules = 'rules: [{name: a, effect: allow, roles: ops}]\n'
    const first = await version(rules)
    expect(first).toMatch(/^[0-9a-f]{16}$/)
    expect(await version('rules:\n  # the same\n  - roles: ops\n    effect: allow\n    name: a\n')).toBe(
      first,
    )
    expect(await version(rules, BEFORE.replace('192.0.2.1', '192.0.2.2'))).toBe(first)
    const others: [string, string?][] = [
      [rules.replace('ops', 'leads')],
      [rules, BEFORE.replace('{groups: ops}', '{groups: op}')],
      [`${rules}people: [{name: ada}]\n`],
      [`${rules}approvals: {count: 2}\n`],
      [`${rules}programs: [{program: frob}]\n`],
    ]
    const versions = new Set([first])
    for (const other of others) versions.add(await version(...other))
    expect(versions.size).toBe(6)
  })

  test('scopes that rules ask for are offered, those of approvers and operators never', async () => {
    const oauth = BEFORE.replace(
      'api_keys:',
      'public_url: https://a.example.com, oauth: {enabled: true, issuer: https://idp.example.com/, audience: x}, api_keys:',
    )
    const text = `rules:
  - {name: a, step_up: prod:write, effect: allow}
  - {name: b, step_up: mcp:approve, effect: allow}
  - {name: c, step_up: mcp:operate, effect: allow}
`
    const { server } = await rulesOf(text, oauth)
    expect(server.auth.oauth?.scopesSupported).toEqual(['mcp:execute', 'mcp:admin', 'prod:write'])
  })

  test('a rule without approvers of its own has those of all', async () => {
    const text = `rules:
  - {name: a, effect: approve}
  - {name: b, effect: approve, approvers: ops, count: 2, expires: 60}
approvals: {approvers: [leads], count: 3, expires: 120}
`
    const { rules } = await rulesOf(text)
    expect(rules?.rules.map(({ terms }) => terms)).toEqual([
      { approvers: ['leads'], count: 3, expiresAfterMs: 120_000, selfApprove: false },
      { approvers: ['ops'], count: 2, expiresAfterMs: 60_000, selfApprove: false },
    ])
  })
})
