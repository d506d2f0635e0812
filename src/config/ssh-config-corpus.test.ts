import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { readSshConfigFile } from './ssh-config-file.ts'
import { sshOptionsOf } from './ssh-config-options.ts'

/** Configurations as people write them, and the names to ask for. `DIR` is the folder of the files below. */
const CORPUS: readonly (readonly [title: string, names: string, text: string])[] = [
  [
    'ProxyJump none leaves room for a command',
    'a',
    'ProxyJump none\nHost a\n ProxyCommand nc %h %p\n ProxyJump j\n',
  ],
  [
    'a second reading because of a block that never holds',
    'a',
    'Host b\n Include DIR/final\nMatch canonical\n Port 115\n',
  ],
  [
    'small letters in the second reading',
    'Web',
    'Host web\n Port 116\nMatch final user nobody-here\n User x\n',
  ],
  ['one host', 'web other', 'Host web\n  HostName 192.0.2.1\n  User admin\n  Port 2222\n'],
  ['defaults after the hosts', 'a b', 'Host a\n User x\nHost *\n User y\n Port 23\n'],
  ['defaults before the hosts win', 'a', 'User first\nHost a\n User second\n'],
  ['the first value holds', 'a', 'Host a\n Port 1\n Port 2\n User one\n User two\n'],
  ['several names on a line', 'a b c', 'Host a b\n Port 24\nHost b c\n User bc\n Port 25\n'],
  ['a wildcard', 'web.internal web.example.com', 'Host *.internal\n User root2\n Port 99\n'],
  ['a question mark', 'web1 web12 web', 'Host web?\n Port 81\n'],
  ['a negated name', 'good bad', 'Host * !bad\n Port 82\n User u\n'],
  ['a negated pattern before the positive', 'a.prod a.dev', 'Host !*.prod *\n Port 83\n'],
  ['a negated name alone', 'a b', 'Host !a\n Port 84\n'],
  ['%h in HostName', 'db', 'Host db\n HostName %h.example.com\n'],
  ['%% in HostName', 'db', 'Host db\n HostName db%%1\n'],
  ['capital letters', 'WEB web', 'Host WEB\n HostName Web.Example.COM\n'],
  ['capital letters in a pattern', 'ABC abc', 'Host A*\n Port 85\n'],
  ['equals signs', 'a', 'Host=a\n  Port=86\n  User = someone\n  HostName= a.example.com\n'],
  ['keywords in any case', 'a', 'HOST a\n  hostname a.example.com\n  PORT 87\n  uSeR x\n'],
  ['quotes', 'a', 'Host "a"\n  User "two words"\n  HostName "a.example.com"\n'],
  ['single quotes and escapes', 'a', "Host a\n  User 'o\\'neil'\n"],
  ['comments', 'a', '# Host a\nHost a # the first\n  Port 88 # its port\n  #Port 89\n'],
  ['tabs and no indentation', 'a', '\tHost\ta\n\t\tPort\t90\nUser x\n'],
  ['carriage returns', 'a', 'Host a\r\n  Port 91\r\n  User x\r\n'],
  ['no final line break', 'a', 'Host a\n  Port 92'],
  ['an empty file', 'a', ''],
  ['a jump', 'inner', 'Host inner\n ProxyJump bastion\nHost bastion\n Port 93\n'],
  ['a jump with user and port', 'inner', 'Host inner\n ProxyJump me@bastion:2222\n'],
  ['a list of jumps', 'inner', 'Host inner\n ProxyJump a,me@b:23,c\n'],
  ['a jump to an IPv6 address', 'inner', 'Host inner\n ProxyJump [2001:db8::1]:2222\n'],
  [
    'a jump for all but the bastion',
    'x bastion',
    'Host * !bastion\n ProxyJump bastion\nHost bastion\n Port 94\n',
  ],
  ['no jump for one', 'a b', 'Host a\n ProxyJump none\nHost *\n ProxyJump bastion\n'],
  ['ProxyCommand first', 'a', 'Host a\n ProxyCommand nc %h %p\n ProxyJump bastion\n'],
  ['ProxyJump first', 'a', 'Host a\n ProxyJump bastion\n ProxyCommand nc %h %p\n'],
  ['ProxyCommand none keeps a jump out', 'a', 'Host a\n ProxyCommand none\nHost *\n ProxyJump bastion\n'],
  [
    'Match host',
    'web db',
    'Host web\n HostName web.example.com\nMatch host *.example.com\n User matched\n Port 95\n',
  ],
  [
    'Match host with what comes later',
    'web',
    'Match host web.example.com\n User early\nHost web\n HostName web.example.com\n',
  ],
  [
    'Match originalhost',
    'web',
    'Host web\n HostName w.example.com\nMatch originalhost web\n Port 96\nMatch originalhost w.example.com\n User x\n',
  ],
  ['Match with a list', 'a b c', 'Match originalhost a,b\n Port 97\nMatch originalhost *,!b\n User notb\n'],
  ['Match user', 'a b', 'Host a\n User admin\nMatch user admin\n Port 98\nMatch !user admin\n Port 99\n'],
  [
    'Match localuser',
    'a',
    `Match localuser ${userInfo().username}\n Port 100\nMatch localuser nobody-here\n User x\n`,
  ],
  ['Match all', 'a', 'Host b\n Port 101\nMatch all\n User everybody\n'],
  [
    'Match of two',
    'a b',
    'Match originalhost a user root\n Port 102\nMatch originalhost b !user root\n Port 103\n',
  ],
  [
    'Match with an equals sign and quotes',
    'a',
    'Match host="a" user=nobody-here\n Port 104\nMatch host = "a"\n User q\n',
  ],
  ['Match exec that does not hold', 'a', 'Match exec "false"\n Port 105\nHost a\n User x\n'],
  ['Match host in any case', 'WEB', 'Match host web\n Port 106\nMatch originalhost WEB\n User x\n'],
  [
    'Match final',
    'web',
    'Host web\n HostName w.example.com\nMatch final host w.example.com\n Port 107\nHost w.example.com\n User second\n',
  ],
  [
    'Match final for another',
    'web',
    'Host web\n HostName w.example.com\nMatch final host other\n Port 108\nHost w.*\n User second\n',
  ],
  ['Match !final', 'a', 'Match !final\n Port 109\nMatch final\n Port 110\n User f\n'],
  ['an include', 'a b', 'Include DIR/one\nHost b\n User last\n'],
  ['an include in a block', 'a c', 'Host c\n  Include DIR/one\n  Port 111\n'],
  ['an include with a wildcard', 'a b', 'Include DIR/conf.d/*.conf\nHost *\n User late\n'],
  ['an include with a set', 'a b', 'Include DIR/conf.d/[12]0-?.conf\n'],
  ['two includes on a line', 'a b', 'Include DIR/conf.d/20-b.conf DIR/one\n'],
  ['an include of nothing', 'a', 'Include DIR/none/*.conf DIR/nothing\nHost a\n Port 112\n'],
  ['after an include, for all hosts again', 'a x', 'Include DIR/one\nPort 113\n'],
  ['an include that includes', 'a b', 'Include DIR/two\n'],
  [
    'names below several patterns',
    'web.eu.prod db.us.prod',
    'Host *.eu.* \n User eu\nHost *.prod\n Port 114\nHost db.*\n HostName %h.example.com\n',
  ],
  [
    'a cloud tunnel',
    'i-0abc',
    'Host i-* mi-*\n  ProxyCommand sh -c "aws ssm start-session --target %h"\n  User ec2-user\n',
  ],
  [
    'a code forge',
    'git.example.com',
    'Host git.example.com\n  User git\n  IdentitiesOnly yes\n  AddKeysToAgent yes\n  ControlMaster auto\n  ControlPath ~/.ssh/c-%C\n  ControlPersist 10m\n',
  ],
  [
    'a laboratory',
    '10.1.2.3',
    'Host 10.1.*\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n User lab\n',
  ],
]

const run = promisify(execFile)
let folder: ConfigFolder
beforeAll(() => {
  folder = configFolder()
  folder.write('one', 'Host a\n  User one\n  Port 201\n')
  folder.write('two', `Include ${folder.path}/one\nHost b\n  User two\n`)
  folder.write('final', 'Match final user nobody-here\n  User x\n')
  folder.write('conf.d/10-a.conf', 'Host a\n  User ten\n')
  folder.write('conf.d/20-b.conf', 'Host a b\n  Port 220\n  User twenty\n')
  folder.write('conf.d/.hidden.conf', 'Port 666\n')
  folder.write('conf.d/30-c.txt', 'Port 667\n')
})
afterAll(() => folder.remove())

describe('an OpenSSH configuration says the same here as to OpenSSH', () => {
  test.each(CORPUS)('%s', async (_title, names, text) => {
    const path = folder.write('config', text.replaceAll('DIR', folder.path))
    const file = await readSshConfigFile(path, folder.home)
    const localUser = userInfo().username
    for (const name of names.split(' ')) {
      const options = sshOptionsOf(file, { name, localUser })
      const ours = {
        hostname: options.address,
        port: options.one('port') ?? '22',
        user: options.one('user') ?? localUser,
        proxyjump: isNone(options.one('proxyjump')),
        proxycommand: isNone(options.one('proxycommand')),
      }
      expect(ours, name).toEqual(await openssh(path, name))
    }
  })
})

async function openssh(path: string, name: string) {
  const { stdout } = await run('ssh', ['-G', '-F', path, name], { env: { PATH: process.env.PATH ?? '' } })
  const value = (keyword: string) => new RegExp(`^${keyword} (.*)$`, 'm').exec(stdout)?.[1]
  return {
    hostname: value('hostname'),
    port: value('port'),
    user: value('user'),
    proxyjump: isNone(value('proxyjump')),
    proxycommand: isNone(value('proxycommand')),
  }
}

/** Whether `none` is printed or nothing is up to the version. */
function isNone(text: string | undefined): string | undefined {
  return text === 'none' ? undefined : text
}
