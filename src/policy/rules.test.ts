import { describe, expect, test } from 'vitest'
import {
  callOf,
  listDirectory,
  loadRules,
  principalIn,
  ROLES,
  readFile,
  restoreFile,
  run,
  transfer,
  writeFile,
} from '../../test/kit/rules.ts'
import type { Action, Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import type { SecretHandle } from '../domain/secret.ts'
import { type DecisionContext, decide } from './decide.ts'

const operator = principalIn(['ops'])
const lead = principalIn(['leads'])
const stranger = principalIn([])
const withVault = principalIn(['ops'], { scopes: new Set(['mcp:execute', 'vault:use']) })

interface Given {
  readonly by?: Principal
  readonly at?: string
  readonly from?: string
  readonly tainted?: string
}

/** `verdict`, or `verdict rule`, or `deny code`. */
type Row = [sentence: string, rules: string, action: Action, expected: string, given?: Given]

const ALL = `- {name: all, roles: operators, effect: allow}`
const open = (host = 'web-1', terminal = false): Action => ({
  kind: 'open_session',
  host: hostName(host),
  ...(terminal && { terminal: { columns: 80, rows: 24 } }),
})
const describeHost: Action = { kind: 'describe_host', host: hostName('web-1'), refresh: false }

const who: Row[] = [
  ['what no rule mentions is denied', '[]', run('uptime'), 'deny host_not_found'],
  [
    'a rule without roles is for everybody',
    '- {name: all, effect: allow}',
    run('x'),
    'allow all',
    { by: stranger },
  ],
  ['a rule is for those who hold one of its roles', ALL, run('x'), 'allow all'],
  ['who holds none of them sees no host', ALL, run('x'), 'deny host_not_found', { by: stranger }],
  [
    'one of several roles is enough',
    '- {name: some, roles: [leads, operators], effect: allow}',
    run('x'),
    'allow some',
  ],
  [
    'a role by e-mail counts in any case',
    '- {name: r, roles: readers, effect: allow}',
    run('x'),
    'allow r',
    { by: principalIn([], { email: 'Ada@EXAMPLE.com' }) },
  ],
  [
    'an address of another domain that ends alike is another',
    '- {name: r, roles: readers, effect: allow}',
    run('x'),
    'deny host_not_found',
    { by: principalIn([], { email: 'ada@notexample.com' }) },
  ],
  ['groups are compared exactly', ALL, run('x'), 'deny host_not_found', { by: principalIn(['Ops']) }],
  [
    'a key is known by its name',
    '- {name: r, roles: robots, effect: allow}',
    run('x'),
    'allow r',
    { by: principalIn([], { issuer: 'api-key', subject: 'robot', method: 'api_key' }) },
  ],
  [
    'a user who is called like a key is not the key',
    '- {name: r, roles: robots, effect: allow}',
    run('x'),
    'deny host_not_found',
    { by: principalIn([], { subject: 'robot' }) },
  ],
]

const where: Row[] = [
  ['a rule on a host by name holds there', '- {name: w, hosts: web-1, effect: allow}', run('x'), 'allow w'],
  ['and nowhere else', '- {name: w, hosts: web-1, effect: allow}', run('x', 'web-2'), 'deny host_not_found'],
  [
    'a pattern means every host of that form',
    '- {name: w, hosts: web-*, effect: allow}',
    run('x', 'web-2'),
    'allow w',
  ],
  [
    'a tag means every host that bears it',
    "- {name: w, hosts: 'tag:prod', effect: allow}",
    run('x', 'db-1'),
    'allow w',
  ],
  [
    'an exclamation mark takes a host out',
    "- {name: w, hosts: ['tag:prod', '!db-1'], effect: allow}",
    run('x', 'db-1'),
    'deny host_not_found',
  ],
  ['a host that is not there answers like one out of reach', ALL, run('x', 'nowhere'), 'deny host_not_found'],
  [
    'on a host within reach, what is not allowed is told apart',
    '- {name: w, actions: write, effect: allow}',
    run('x'),
    'deny forbidden',
  ],
  ['the scopes of a host are asked for before the rules', ALL, run('x', 'vault'), 'deny insufficient_scope'],
  ['and with them the rules decide', ALL, run('x', 'vault'), 'allow all', { by: withVault }],
  [
    'a host out of reach does not ask for its scopes',
    '- {name: w, hosts: web-1, effect: allow}',
    run('x', 'vault'),
    'deny host_not_found',
  ],
  [
    'a host on which only a denied pattern is mentioned is out of reach',
    "- {name: d, paths: '/etc/**', effect: deny}",
    readFile('/x'),
    'deny host_not_found',
  ],
]

const order: Row[] = [
  [
    'the first rule that is about it decides',
    `- {name: no, actions: run, effect: deny}\n${ALL}`,
    run('x'),
    'deny no',
  ],
  ['the order is what counts', `${ALL}\n- {name: no, actions: run, effect: deny}`, run('x'), 'allow all'],
  [
    'a rule about something else is passed over',
    `- {name: no, actions: write, effect: deny}\n${ALL}`,
    run('x'),
    'allow all',
  ],
  [
    'an approve rule asks its approvers',
    '- {name: ask, actions: run, effect: approve, approvers: leads}',
    run('x'),
    'approve ask',
  ],
  ['observe decides nothing', `- {name: look, effect: observe, would: deny}\n${ALL}`, run('x'), 'allow all'],
  [
    'observe alone allows nothing',
    '- {name: look, effect: observe}\n- {name: w, actions: write, effect: allow}',
    run('x'),
    'deny no-rule',
  ],
]

const classes: Row[] = [
  [
    'reading a file is of class read',
    '- {name: r, actions: read, effect: allow}',
    readFile('/etc/hosts'),
    'allow r',
  ],
  [
    'listing a directory is of class read',
    '- {name: r, actions: read, effect: allow}',
    listDirectory('/etc'),
    'allow r',
  ],
  [
    'the facts of a host are of class read',
    '- {name: r, actions: read, effect: allow}',
    describeHost,
    'allow r',
  ],
  ['writing a file is not', '- {name: r, actions: read, effect: allow}', writeFile('/x'), 'deny no-rule'],
  [
    'writing a file is of class write',
    '- {name: w, actions: write, effect: allow}',
    writeFile('/srv/x'),
    'allow w',
  ],
  [
    'writing shows what was there, so a rule that denies reading stops it too',
    '- {name: no, actions: read, effect: deny}\n- {name: w, actions: [write, run], effect: allow}',
    writeFile('/srv/x'),
    'deny no',
  ],
  [
    'taking a change back is writing, at the place that was changed',
    '- {name: w, actions: write, paths: [/srv/**], effect: allow}',
    restoreFile('/srv/x'),
    'allow w',
  ],
  [
    'and not allowed where writing is not, whatever was allowed when it was made',
    '- {name: w, actions: write, paths: [/srv/**], effect: allow}',
    restoreFile('/etc/x'),
    'deny no-rule',
  ],
  [
    'reading as root is of class sudo',
    '- {name: r, actions: read, effect: allow}',
    readFile('/x', 'web-1', true),
    'deny no-rule',
  ],
  [
    'and allowed by it',
    '- {name: s, actions: sudo, effect: allow}',
    readFile('/x', 'web-1', true),
    'allow s',
  ],
  [
    'writing as root needs write and sudo',
    '- {name: w, actions: write, effect: allow}',
    writeFile('/srv/x', 'web-1', true),
    'deny no-rule',
  ],
  [
    'and is allowed by both',
    '- {name: w, actions: write, effect: allow}\n- {name: s, actions: sudo, effect: allow}',
    writeFile('/srv/x', 'web-1', true),
    'allow w, s',
  ],
  [
    'a command as root is of class sudo',
    '- {name: r, actions: run, effect: allow}',
    run('x', 'web-1', { sudo: true }),
    'deny no-rule',
  ],
  ['a session is of class session', '- {name: s, actions: session, effect: allow}', open(), 'allow s'],
  ['a terminal is not', '- {name: s, actions: session, effect: allow}', open('web-1', true), 'deny no-rule'],
  [
    'a terminal is of class terminal',
    '- {name: t, actions: terminal, effect: allow}',
    open('web-1', true),
    'allow t',
  ],
  [
    'a transfer needs transfer on both hosts, read there and write here',
    '- {name: t, actions: [transfer, read, write], effect: allow}',
    transfer('web-1:/srv/a', 'web-2:/srv/b'),
    'allow t',
  ],
  [
    'without write on the second host it is denied',
    '- {name: t, actions: [transfer, read], effect: allow}\n- {name: w, hosts: web-1, actions: write, effect: allow}',
    transfer('web-1:/srv/a', 'web-2:/srv/b'),
    'deny no-rule',
  ],
  [
    'with one host out of reach it is denied as if that were not there',
    '- {name: t, hosts: web-1, effect: allow}',
    transfer('web-1:/srv/a', 'web-2:/srv/b'),
    'deny host_not_found',
  ],
  [
    'a link to a file needs transfer and read',
    '- {name: t, actions: [transfer, read], effect: allow}',
    transfer('web-1:/srv/a', 'link'),
    'allow t',
  ],
]

const logs = "- {name: logs, actions: read, paths: ['/var/log/**'], effect: allow}"
const noShadow = "- {name: no, paths: ['/etc/shadow'], effect: deny}\n- {name: all, effect: allow}"
const paths: Row[] = [
  ['a path below is of the pattern', logs, readFile('/var/log/nginx/error.log'), 'allow logs'],
  ['the directory itself too', logs, listDirectory('/var/log'), 'allow logs'],
  ['another path is not', logs, readFile('/etc/passwd'), 'deny no-rule'],
  ['nor is one that begins alike', logs, readFile('/var/logs/x'), 'deny no-rule'],
  ['two dots never are', logs, readFile('/var/log/../../etc/shadow'), 'deny no-rule'],
  ['slashes and dots that say nothing are passed over', logs, readFile('/var//log/./x'), 'allow logs'],
  ['a path below the home is not of a pattern from the root', logs, readFile('~/x'), 'deny no-rule'],
  [
    'and a relative path is one below the home',
    "- {name: h, paths: '~/notes/*', effect: allow}",
    readFile('notes/x'),
    'allow h',
  ],
  [
    'a star stays within a name',
    "- {name: c, paths: '/etc/*.conf', effect: allow}",
    readFile('/etc/ssh/sshd.conf'),
    'deny no-rule',
  ],
  ['what is denied is denied', noShadow, readFile('/etc/shadow'), 'deny no'],
  ['however it is written', noShadow, readFile('/etc//./shadow'), 'deny no'],
  ['with two dots it may be what is denied', noShadow, readFile('/srv/../x'), 'deny no'],
  ['so may what a process has open', noShadow, readFile('/proc/self/root/etc/hosts'), 'deny no'],
  ['a path below the home may not', noShadow, readFile('~/notes'), 'allow all'],
  ['unless it ends alike', noShadow, readFile('~/shadow'), 'deny no'],
  [
    'what a process has open is never allowed by its path',
    "- {name: p, paths: '/**', effect: allow}",
    readFile('/proc/self/root/x'),
    'deny no-rule',
  ],
  [
    'a rule on paths is not about sessions',
    "- {name: p, paths: '/**', effect: allow}",
    open(),
    'deny no-rule',
  ],
  ['in a terminal anything may be typed', noShadow, open('web-1', true), 'deny no'],
]

const reads = '- {name: r, actions: read, effect: allow}'
const restart = "- {name: p, actions: run, commands: ['systemctl restart nginx*'], effect: allow}"
const noShutdown =
  "- {name: no, commands: ['shutdown **', 'reboot'], effect: deny}\n- {name: all, effect: allow}"
const commands: Row[] = [
  ['a command that is known to only read is of class read', reads, run('ps aux'), 'allow r'],
  ['so is a pipeline of such', reads, run('ps aux | grep ssh | tail -n 3'), 'allow r'],
  ['and a list of such', reads, run('ps aux; ls -l /srv && ps'), 'allow r'],
  ['what is not known is of class run', reads, run('frobnicate'), 'deny no-rule'],
  ['one part that does more denies the whole', reads, run('ps aux; rm -rf /srv/x'), 'deny no-rule'],
  ['so does a file that the output goes to', reads, run('ps aux > /srv/x'), 'deny no-rule'],
  ['an option that does more is not reading', reads, run('find /srv -delete'), 'deny no-rule'],
  ['what was not understood is not reading', reads, run('ps aux $(reboot)'), 'deny no-rule'],
  [
    'what was not understood is run where everything may be',
    '- {name: x, actions: run, effect: allow}',
    run('ps "aux'),
    'allow x',
  ],
  ['a pattern allows what it means', restart, run('systemctl restart nginx'), 'allow p'],
  ['and what its stars stand for', restart, run('systemctl restart nginx-proxy'), 'allow p'],
  ['and nothing more', restart, run('systemctl restart nginx sshd'), 'deny no-rule'],
  ['nor something else', restart, run('systemctl stop nginx'), 'deny no-rule'],
  ['nor with something behind it', restart, run('systemctl restart nginx; id'), 'deny no-rule'],
  ['nor what the shell makes of a word', restart, run('systemctl restart $UNIT'), 'deny no-rule'],
  ['nor what a variable is set for', restart, run('PATH=/tmp systemctl restart nginx'), 'deny no-rule'],
  ['nor another program of that name', restart, run('/tmp/systemctl restart nginx'), 'deny no-rule'],
  [
    'nor in a loop, where the shell of the host runs it',
    restart,
    run('for i in 1 2; do systemctl restart nginx; done'),
    'deny no-rule',
  ],
  [
    'a pattern is not about files',
    "- {name: c, commands: ['**'], effect: allow}",
    readFile('/x'),
    'deny no-rule',
  ],
  ['a denied pattern denies', noShutdown, run('shutdown -h now'), 'deny no'],
  ['in the middle of others too', noShutdown, run('ps aux && reboot'), 'deny no'],
  ['and where it may be meant', noShutdown, run('$(echo reboot)'), 'deny no'],
  ['and within what was not understood', noShutdown, run('ps "aux'), 'deny no'],
  ['another command is not denied by it', noShutdown, run('ps aux'), 'allow all'],
  ['nor is setting a variable, and using it', noShutdown, run('A=1; ls "$A"'), 'allow all'],
  ['but calculating may run what a variable holds', noShutdown, run('a[$A]=1'), 'deny no'],
  ['and so may a word that is the program', noShutdown, run('A=reboot; $A'), 'deny no'],
  ['setting a variable touches no file', noShadow, run('A=/etc/shadow'), 'allow all'],
  ['unless it opens one', noShadow, run('A=1 > /etc/shadow'), 'deny no'],
  ['setting a variable is of class run all the same', reads, run('A=1'), 'deny no-rule'],
  ['in a terminal it may be typed', noShutdown, open('web-1', true), 'deny no'],
  ['a session by itself runs nothing', noShutdown, open(), 'allow all'],
  [
    'sudo in the text is of class sudo',
    '- {name: x, actions: [read, run], effect: allow}',
    run('sudo id'),
    'deny no-rule',
  ],
  ['and allowed by it', '- {name: s, actions: sudo, effect: allow}', run('sudo id'), 'allow s'],
  [
    'also by a pattern',
    "- {name: s, actions: sudo, commands: ['systemctl restart nginx'], effect: allow}",
    run('sudo systemctl restart nginx'),
    'allow s',
  ],
  [
    'not beside others',
    '- {name: s, actions: sudo, effect: allow}',
    run('sudo id; id -u; frobnicate'),
    'deny no-rule',
  ],
  [
    'a rule that denies sudo denies what was not understood',
    '- {name: no, actions: sudo, effect: deny}\n- {name: x, actions: run, effect: allow}',
    run('ps "aux'),
    'deny no',
  ],
  [
    'each part goes by its own rule',
    `${reads}\n${restart}`,
    run('ps aux; systemctl restart nginx'),
    'allow r, p',
  ],
  [
    'one part that needs an approval makes the whole wait',
    `${reads}\n- {name: ask, actions: run, effect: approve, approvers: leads}`,
    run('ps aux; frobnicate'),
    'approve r, ask',
  ],
  [
    'one that is denied denies it all the same',
    "- {name: no, commands: ['reboot'], effect: deny}\n- {name: ask, actions: run, effect: approve, approvers: leads}",
    run('frobnicate; reboot'),
    'deny no',
  ],
  [
    'a command that reads below a pattern is of the pattern',
    logs,
    run('tail -n 5 /var/log/syslog'),
    'allow logs',
  ],
  [
    'so is what it is piped through',
    logs,
    run('grep -h x /var/log/syslog | grep error | head -n 3'),
    'allow logs',
  ],
  ['every path must be', logs, run('head /var/log/syslog /etc/shadow'), 'deny no-rule'],
  ['names that the shell finds below it too', logs, run('head /var/log/*.log'), 'allow logs'],
  ['but not above it', logs, run('head /var/*/syslog'), 'deny no-rule'],
  ['two dots never are', logs, run('head /var/log/../../etc/shadow'), 'deny no-rule'],
  ['a path from somewhere else is not', logs, run('head syslog'), 'deny no-rule'],
  ['all that is below a directory of it is', logs, run('grep -r error /var/log/nginx'), 'allow logs'],
  ['a command that names no path is not', logs, run('ps aux'), 'deny no-rule'],
  ['a path that is denied denies the command', noShadow, run('head /etc/hosts /etc/shadow'), 'deny no'],
  ['and one that may touch it', noShadow, run('cp /etc/sh* /srv'), 'deny no'],
  ['and one that reads what is above it', noShadow, run('grep -r root /etc'), 'deny no'],
  ['a command that only reads elsewhere goes on', noShadow, run('head /etc/hosts'), 'allow all'],
]

const office =
  "- {name: office, when: [{days: mon-fri, from: '08:00', to: '18:00', time_zone: Europe/Berlin}], effect: allow}"
const night =
  "- {name: night, when: [{days: fri, from: '22:00', to: '06:00', time_zone: UTC}], effect: allow}"
const times: Row[] = [
  ['within its hours a rule holds', office, run('x'), 'allow office', { at: '2026-01-07T07:00:00Z' }],
  ['before them it does not', office, run('x'), 'deny host_not_found', { at: '2026-01-07T06:59:59Z' }],
  ['in summer it holds an hour earlier', office, run('x'), 'allow office', { at: '2026-07-08T06:00:00Z' }],
  ['at their end it is over', office, run('x'), 'deny host_not_found', { at: '2026-01-07T17:00:00Z' }],
  [
    'on another day it does not hold',
    office,
    run('x'),
    'deny host_not_found',
    { at: '2026-01-10T10:00:00Z' },
  ],
  [
    'hours across midnight begin on their day',
    night,
    run('x'),
    'allow night',
    { at: '2026-01-09T22:00:00Z' },
  ],
  ['and end on the next', night, run('x'), 'allow night', { at: '2026-01-10T05:59:00Z' }],
  ['but do not begin on it', night, run('x'), 'deny host_not_found', { at: '2026-01-10T22:00:00Z' }],
  ['nor end on their day', night, run('x'), 'deny host_not_found', { at: '2026-01-09T05:00:00Z' }],
]

const near = "- {name: near, from: [10.0.0.0/8, '2001:db8::/32'], effect: allow}"
const networks: Row[] = [
  ['from its networks a rule holds', near, run('x'), 'allow near', { from: '10.1.2.3' }],
  ['over IPv6 too', near, run('x'), 'allow near', { from: '2001:db8::1' }],
  ['from elsewhere it does not', near, run('x'), 'deny host_not_found', { from: '11.1.2.3' }],
  ['without an address it allows nothing', near, run('x'), 'deny host_not_found'],
  [
    'without an address it may be what a rule denies',
    '- {name: far, from: 10.0.0.0/8, effect: deny}\n- {name: all, effect: allow}',
    run('x'),
    'deny host_not_found',
  ],
]

const scoped = '- {name: prod, step_up: prod:write, effect: allow}'
const steps: Row[] = [
  ['without the scope of a step-up rule, it is asked for', scoped, run('x'), 'deny insufficient_scope'],
  [
    'with it the rule holds',
    scoped,
    run('x'),
    'allow prod',
    { by: principalIn([], { scopes: new Set(['mcp:execute', 'prod:write']) }) },
  ],
  [
    'no scope helps where another part is denied',
    '- {name: prod, actions: write, step_up: prod:write, effect: allow}',
    writeFile('/srv/x', 'web-1', true),
    'deny no-rule',
  ],
]

const writer = '- {name: w, actions: write, effect: allow, approvers: leads}'
/** It is given a value that its caller has not seen. */
const withSecret = (command: string) =>
  run(command, 'web-1', { secrets: [{ as: 'stdin', handle: 'secret:0123456789abcdef' as SecretHandle }] })

const secrets: Row[] = [
  [
    'a withheld value is used where a rule says so',
    '- {name: r, effect: allow, secrets: true}',
    withSecret('x'),
    'allow r',
  ],
  ['and by no rule that does not', '- {name: r, effect: allow}', withSecret('x'), 'deny forbidden'],
  [
    'nor after an approval that no rule lets it be used by',
    '- {name: ask, effect: approve, approvers: leads}',
    withSecret('x'),
    'deny ask',
  ],
  [
    'of two that would allow it, the one that says so is asked',
    '- {name: a, effect: allow}\n- {name: b, effect: allow, secrets: true}',
    withSecret('x'),
    'allow b',
  ],
]

const raised: Row[] = [
  [
    'writing who may sign in needs an approval',
    writer,
    writeFile('~/.ssh/authorized_keys'),
    'approve w, sensitive-places',
  ],
  [
    'also by taking a change back',
    writer,
    restoreFile('~/.ssh/authorized_keys'),
    'approve w, sensitive-places',
  ],
  [
    'wherever the home may be',
    writer,
    writeFile('/home/ada/.ssh/authorized_keys'),
    'approve w, sensitive-places',
  ],
  [
    'so does a place that two dots hide',
    writer,
    writeFile('/srv/../etc/cron.d/x'),
    'approve w, sensitive-places',
  ],
  ['so does sudoers', writer, writeFile('/etc/sudoers.d/x'), 'approve w, sensitive-places'],
  ['reading it does not', '- {name: r, actions: read, effect: allow}', readFile('/etc/sudoers'), 'allow r'],
  [
    'a rule may say that it need not',
    '- {name: w, actions: write, sensitive: true, effect: allow}',
    writeFile('/etc/crontab'),
    'allow w',
  ],
  [
    'where nobody may approve, it is denied',
    '- {name: w, actions: write, effect: allow}',
    writeFile('/etc/crontab'),
    'deny w',
  ],
  [
    'after reading what others wrote, running needs an approval where the rule says so',
    '- {name: r, effect: allow, when_tainted: approve, approvers: leads}',
    run('x'),
    'approve r, tainted',
    { tainted: '/var/log/x' },
  ],
  [
    'reading does not',
    '- {name: r, effect: allow, when_tainted: approve, approvers: leads}',
    readFile('/x'),
    'allow r',
    { tainted: '/var/log/x' },
  ],
  [
    'or is denied where it says that',
    '- {name: r, effect: allow, when_tainted: deny}',
    run('x'),
    'deny r',
    { tainted: '/var/log/x' },
  ],
  ['nothing is raised before', '- {name: r, effect: allow, when_tainted: deny}', run('x'), 'allow r'],
]

describe.each([
  ['who', who],
  ['where', where],
  ['order', order],
  ['classes', classes],
  ['paths', paths],
  ['commands', commands],
  ['times', times],
  ['networks', networks],
  ['scopes', steps],
  ['secrets', secrets],
  ['what is made stricter', raised],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', async (_sentence, rules, action, expected, given = {}) => {
    expect(told(await decision(rules, action, given))).toContain(expected)
  })
})

async function decision(rules: string, action: Action, given: Given): Promise<Decision> {
  const loaded = await loadRules(`${ROLES}rules:${rules === '[]' ? ' []' : `\n${rules}`}\n`)
  const more: Partial<Call> = given.from === undefined ? {} : { remoteAddress: given.from }
  const context: DecisionContext = {
    hosts: loaded.hosts,
    rules: loaded.rules,
    now: new Date(given.at ?? '2026-01-07T12:00:00Z'),
    ...(given.tainted !== undefined && { tainted: given.tainted }),
  }
  return decide(callOf(action, given.by ?? operator, more), context)
}

/** `deny rule`, `deny code`: whichever the row asks for is one of these. */
function told(decision: Decision): string[] {
  const byRule = `${decision.verdict} ${decision.rule}`
  return decision.verdict === 'deny' ? [byRule, `deny ${decision.reason.code}`] : [byRule]
}

describe('what is run', () => {
  const scriptOf = async (rules: string, command: string, more = {}) => {
    const given = await decision(rules, run(command, 'web-1', more), {})
    return given.verdict === 'allow' ? given.script : given.verdict
  }

  test('is what was understood, where that is why it is allowed', async () => {
    expect(await scriptOf(reads, 'ps aux')).toContain("'ps' 'aux'")
    expect(await scriptOf(restart, 'systemctl restart nginx')).toContain('systemctl')
    expect(await scriptOf(logs, 'head /var/log/x')).toContain('/var/log/x')
    expect(await scriptOf(`${reads}\n${restart}`, 'ps aux; systemctl restart nginx')).toContain('systemctl')
  })

  test('is the text as it is, for those who may run any text', async () => {
    expect(await scriptOf(ALL, 'ps aux')).toBeUndefined()
    expect(await scriptOf(`${reads}\n- {name: x, actions: run, effect: allow}`, 'ps aux')).toBeUndefined()
  })

  test('is what was understood where another rule stops other texts first', async () => {
    const rules = `- {name: no, actions: run, effect: deny}\n${ALL}`
    expect(await scriptOf(rules, 'ps aux')).toContain("'ps' 'aux'")
    const asks = `- {name: ask, actions: run, effect: approve, approvers: leads}\n${ALL}`
    expect(await scriptOf(asks, 'ps aux')).toContain("'ps' 'aux'")
  })

  test('with the rights of root, those count who may run any text as root', async () => {
    const rules =
      "- {name: s, actions: sudo, commands: ['id'], effect: allow}\n- {name: x, actions: run, effect: allow}"
    expect(await scriptOf(rules, 'id', { sudo: true })).toContain('id')
  })
})

describe('several approvals at once', () => {
  test('ask for those who may give all of them, as many as the strictest rule wants', async () => {
    const rules = `- {name: a, actions: transfer, effect: approve, approvers: [leads, operators], count: 2}
- {name: b, actions: [read, write], effect: approve, approvers: [leads], expires: 60}`
    const given = await decision(rules, transfer('web-1:/srv/a', 'link'), {})
    expect(given).toMatchObject({
      verdict: 'approve',
      rule: 'a, b',
      terms: { approvers: ['leads'], count: 2, expiresAfterMs: 60_000, selfApprove: false },
    })
  })

  test('are denied where nobody may give all of them', async () => {
    const rules = `- {name: a, actions: transfer, effect: approve, approvers: [operators]}
- {name: b, actions: [read, write], effect: approve, approvers: [leads]}`
    const given = await decision(rules, transfer('web-1:/srv/a', 'link'), { by: lead })
    expect(given).toMatchObject({ verdict: 'deny', reason: { code: 'forbidden' } })
  })
})
