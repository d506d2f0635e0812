import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  checkKnownHosts,
  type KnownHostsVerdict,
  keyTypeOf,
  knownKeyTypes,
  parseKnownHosts,
} from './known-hosts.ts'

/** A blob that begins as RFC 4253 §6.6 wants it; the rest only has to differ. */
function key(type: string, content: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)])
}

const ED = key('ssh-ed25519', 'one')
const OTHER_ED = key('ssh-ed25519', 'two')
const RSA = key('ssh-rsa', 'three')

const word = (blob: Buffer) => `${keyTypeOf(blob)} ${blob.toString('base64')}`

function hashed(name: string): string {
  const salt = Buffer.from('a salt of 20 bytes!!')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

const cases: [
  string,
  string,
  KnownHostsVerdict['kind'],
  { host?: string; port?: number; shown?: Buffer }?,
][] = [
  ['a plain name is trusted', `web ${word(ED)}`, 'trusted'],
  ['names are compared without case', `WEB ${word(ED)}`, 'trusted', { host: 'wEb' }],
  ['a comment behind the key is no part of it', `web ${word(ED)} root@web`, 'trusted'],
  ['tabs separate as well as blanks', `web\t${word(ED).replace(' ', '\t')}`, 'trusted'],
  ['one of several names is enough', `db,web,192.0.2.10 ${word(ED)}`, 'trusted'],
  ['another host is unknown', `db ${word(ED)}`, 'unknown'],
  ['an empty file knows nobody', '', 'unknown'],
  ['another key of the same type is a change', `web ${word(OTHER_ED)}`, 'changed'],
  ['a key of a type that is not known for a known host is a change', `web ${word(RSA)}`, 'changed'],
  [
    'one of several keys of a host is enough',
    `web ${word(RSA)}\nweb ${word(OTHER_ED)}\nweb ${word(ED)}`,
    'trusted',
  ],
  ['another port is another host', `web ${word(OTHER_ED)}`, 'unknown', { port: 2222 }],
  ['a port is named in brackets', `[web]:2222 ${word(ED)}`, 'trusted', { port: 2222 }],
  ['brackets with another port say nothing', `[web]:2200 ${word(ED)}`, 'unknown', { port: 2222 }],
  [
    'a key trusted for the plain name is accepted on another port',
    `web ${word(ED)}`,
    'trusted',
    { port: 2222 },
  ],
  ['the entry of the port wins over a plain name', `[web]:2222 ${word(OTHER_ED)}`, 'changed', { port: 2222 }],
  ['brackets do not stand for port 22', `[web]:22 ${word(ED)}`, 'unknown'],
  ['a hashed name is found', `${hashed('web')} ${word(ED)}`, 'trusted'],
  ['a hashed name with a port is found', `${hashed('[web]:2222')} ${word(ED)}`, 'trusted', { port: 2222 }],
  ['a hashed name of another host is not', `${hashed('db')} ${word(ED)}`, 'unknown'],
  ['a hashed name with another key is a change', `${hashed('web')} ${word(OTHER_ED)}`, 'changed'],
  ['an unknown hash version is skipped', `${hashed('web').replace('|1|', '|2|')} ${word(ED)}`, 'unknown'],
  ['a star stands for any text', `*.example.com ${word(ED)}`, 'trusted', { host: 'a.b.example.com' }],
  [
    'a star does not stand for a missing dot',
    `*.example.com ${word(ED)}`,
    'unknown',
    { host: 'example.com' },
  ],
  ['a question mark stands for one character', `w?b ${word(ED)}`, 'trusted'],
  ['a question mark does not stand for none', `web? ${word(ED)}`, 'unknown'],
  ['a lone star knows every port', `* ${word(ED)}`, 'trusted', { port: 2222 }],
  ['many stars cost no time', `${'*a'.repeat(40)} ${word(ED)}`, 'unknown', { host: 'a'.repeat(39) }],
  [
    'a negated name excludes its line',
    `*.example.com,!web.example.com ${word(ED)}`,
    'unknown',
    { host: 'web.example.com' },
  ],
  [
    'a negated name leaves the others in',
    `*.example.com,!web.example.com ${word(ED)}`,
    'trusted',
    { host: 'db.example.com' },
  ],
  ['a negated name alone includes nobody', `!db ${word(ED)}`, 'unknown'],
  ['a revoked key is refused', `@revoked web ${word(ED)}`, 'revoked'],
  ['a revoked key is refused though it is trusted too', `web ${word(ED)}\n@revoked * ${word(ED)}`, 'revoked'],
  [
    'a key revoked for the plain name is refused on another port',
    `@revoked web ${word(ED)}\n[web]:2222 ${word(ED)}`,
    'revoked',
    { port: 2222 },
  ],
  ['a revoked key says nothing of the others', `@revoked web ${word(OTHER_ED)}\nweb ${word(ED)}`, 'trusted'],
  [
    'a key revoked for another host is not revoked here',
    `@revoked db ${word(ED)}\nweb ${word(ED)}`,
    'trusted',
  ],
  ['a certificate authority is no host key', `@cert-authority * ${word(ED)}`, 'unknown'],
  ['an unknown marker is skipped', `@trusted web ${word(ED)}`, 'unknown'],
  ['a comment is skipped', `# web ${word(ED)}`, 'unknown'],
  ['a line without a key is skipped, the next one counts', `web ssh-ed25519\nweb ${word(ED)}`, 'trusted'],
  ['a key that is not of its type is skipped', `web ssh-rsa ${ED.toString('base64')}`, 'unknown'],
  ['a key that is no base64 is skipped', 'web ssh-ed25519 ~~~', 'unknown'],
  ['an address of version 6 is a name', `fe80::1 ${word(ED)}`, 'trusted', { host: 'FE80::1' }],
  ['Windows line ends do no harm', `db ${word(RSA)}\r\nweb ${word(ED)}\r\n`, 'trusted'],
]

describe('known_hosts', () => {
  test.each(cases)('%s', (_title, text, kind, { host = 'web', port = 22, shown = ED } = {}) => {
    expect(checkKnownHosts(parseKnownHosts(text), host, port, shown).kind).toBe(kind)
  })

  test('a certificate authority is recognised, so that the refusal can say why', () => {
    const entries = parseKnownHosts(`@cert-authority *.example.com ${word(ED)}`)
    expect(checkKnownHosts(entries, 'web.example.com', 22, OTHER_ED)).toEqual({
      kind: 'unknown',
      authorityKnown: true,
    })
  })

  test('the types that are known for a host are told, so that it is asked for one of these', () => {
    const entries = parseKnownHosts(`web ${word(RSA)}\n@revoked web ${word(ED)}\ndb ${word(ED)}`)
    expect(knownKeyTypes(entries, 'web', 22)).toEqual(['ssh-rsa'])
    expect(knownKeyTypes(entries, 'web', 2222)).toEqual(['ssh-rsa'])
    expect(knownKeyTypes(entries, 'mail', 22)).toEqual([])
  })
})
