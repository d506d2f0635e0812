import { describe, expect, test } from 'vitest'
import { secretBook } from '../../../test/kit/command-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { hostName } from '../../domain/host.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import { isSecretHandle, type SecretHandle } from '../../domain/secret.ts'
import type { SecretBook } from './secret-book.ts'

const [web, db] = [hostName('web-server'), hostName('db-server')]
const [alice, bob] = ['alice', 'bob'].map(
  (subject): Principal => ({
    ...{ issuer: 'https://idp.example.com', subject, method: 'oauth', groups: [], roles: [], scopes: 'all' },
  }),
) as [Principal, Principal]

const handleFor = (book: SecretBook, text: string, principal = alice, host = web) =>
  book.handleOf(principal, host, Buffer.from(text), 'git_token') as SecretHandle

const found = (book: SecretBook, handle: SecretHandle, principal = alice, host = web) =>
  book.find(principalKey(principal), host, handle)?.value.toString()

describe('a value that was taken out of an answer', () => {
  test('has one handle on its host, whenever it is seen there, and the handle says nothing of it', () => {
    const book = secretBook()
    const handle = handleFor(book, 'ghp_one')
    expect(isSecretHandle(handle)).toBe(true)
    expect(handleFor(book, 'ghp_one')).toBe(handle)
    expect(handleFor(book, 'ghp_two')).not.toBe(handle)
    expect(found(book, handle)).toBe('ghp_one')
    expect(handleFor(secretBook(), 'ghp_one')).not.toBe(handle)
  })

  test('is nobody else’s and of no other host: asked so, it is as if it never was', () => {
    const book = secretBook()
    const handle = handleFor(book, 'ghp_one')
    expect(handleFor(book, 'ghp_one', bob)).not.toBe(handle)
    expect(handleFor(book, 'ghp_one', alice, db)).not.toBe(handle)
    expect(found(book, handle, bob)).toBeUndefined()
    expect(found(book, handle, alice, db)).toBeUndefined()
    expect(found(book, handle)).toBe('ghp_one')
  })

  test('that no later output could be searched for gets no handle: too short, too long, or with a NUL', () => {
    const book = secretBook()
    for (const value of ['', 'short', 'a\0bcdefg', 'x'.repeat(65_537)])
      expect(handleFor(book, value)).toBeUndefined()
    const notText = Buffer.from('abcdef\xff', 'latin1')
    expect(book.handleOf(alice, web, notText, 'url_password')).toBeUndefined()
    for (const value of ['sixsix', 'x'.repeat(65_536)])
      expect(found(book, handleFor(book, value))).toBe(value)
    expect(handleFor(secretBook(undefined, { max: 0 }), 'ghp_one')).toBeUndefined()
  })

  test('is forgotten when nobody asked about it for long enough, and asking keeps it', async () => {
    const clock = new ManualClock()
    const book = secretBook(clock, { ttlMs: 1_000 })
    const [asked, left] = [handleFor(book, 'ghp_asked'), handleFor(book, 'ghp_left')]
    await clock.advance(600)
    expect(found(book, asked)).toBe('ghp_asked')
    await clock.advance(600)
    expect(found(book, left)).toBeUndefined()
    expect(found(book, asked)).toBe('ghp_asked')
    expect(handleFor(book, 'ghp_left')).not.toBe(left)
  })

  test('is not forgotten while a command that was given it runs, however long that takes', async () => {
    const clock = new ManualClock()
    const book = secretBook(clock, { ttlMs: 1_000, max: 2 })
    const handle = handleFor(book, 'ghp_one')
    const kept = book.find(principalKey(alice), web, handle)
    const loan = kept && book.lend(principalKey(alice), kept)
    await clock.advance(5_000)
    for (const text of ['ghp_two', 'ghp_three', 'ghp_four']) handleFor(book, text)
    expect(book.revealed(principalKey(alice), web).map(({ value }) => value.toString())).toEqual(['ghp_one'])
    loan?.giveBack()
    expect(found(book, handle)).toBe('ghp_one')
    await clock.advance(5_000)
    expect(found(book, handle)).toBeUndefined()
    expect(book.revealed(principalKey(alice), web)).toEqual([])
  })

  test('makes room for newer ones of its own principal, never of another one', () => {
    const book = secretBook(undefined, { max: 3 })
    const others = handleFor(book, 'ghp_bobs', bob)
    const handles = ['ghp_a_', 'ghp_b_', 'ghp_c_'].map((text) => handleFor(book, text))
    expect(found(book, handles[0] as SecretHandle)).toBe('ghp_a_')
    handleFor(book, 'ghp_d_')
    expect(handles.map((handle) => found(book, handle))).toEqual(['ghp_a_', undefined, 'ghp_c_'])
    expect(found(book, others, bob)).toBe('ghp_bobs')
  })

  test('takes no more memory than one principal, and all together, may have', () => {
    const book = secretBook(undefined, { max: 100_000 })
    const large = (index: number) => `${index}`.padEnd(65_536, 'x')
    const handles = Array.from({ length: 70 }, (_, index) => handleFor(book, large(index)))
    expect(handles.filter((handle) => found(book, handle) !== undefined)).toHaveLength(64)
    const many = Array.from({ length: 20 }, (_, index): Principal => ({ ...alice, subject: `user ${index}` }))
    const of = many.map((one) => Array.from({ length: 64 }, (_, index) => handleFor(book, large(index), one)))
    const left = many.flatMap((one, index) =>
      (of[index] ?? []).filter((handle) => found(book, handle, one) !== undefined),
    )
    expect(left).toHaveLength(1_024)
  })

  test('goes with the access of its owner, and with its host', () => {
    const book = secretBook()
    const [own, onOther] = [handleFor(book, 'ghp_one'), handleFor(book, 'ghp_one', alice, db)]
    const others = handleFor(book, 'ghp_one', bob)
    book.keepWhere((principal, host) => principal.subject === 'alice' && host === web)
    expect(found(book, own)).toBe('ghp_one')
    expect(found(book, onOther, alice, db)).toBeUndefined()
    expect(found(book, others, bob)).toBeUndefined()
  })
})
