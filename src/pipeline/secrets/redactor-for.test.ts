import { describe, expect, test } from 'vitest'
import { callId, secretBook } from '../../../test/kit/command-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import type { Call, RunAction } from '../../domain/call.ts'
import { hostName } from '../../domain/host.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import type { SecretHandle } from '../../domain/secret.ts'
import type { RunCall } from '../commands/command.ts'
import { cleanBytes } from '../redaction/clean.ts'
import { cleanAnswer } from '../redaction/clean-answer.ts'
import { joined, type Redactor, type Span } from '../redaction/redactor.ts'
import { lendSecrets } from './lend-secrets.ts'
import { redactorBeside, redactorFor } from './redactor-for.ts'

const principal: Principal = {
  ...{ issuer: 'os', subject: 'u1', groups: [], roles: [] },
  ...{ method: 'stdio', scopes: 'all' },
}
const owner = principalKey(principal)
const web = hostName('web-server')

function callOf(more: Partial<RunAction> = {}, about: Pick<Call, 'parent'> = {}): RunCall {
  const action: RunAction = { kind: 'run', host: web, command: 'x', timeoutMs: 1, waitMs: 0, ...more }
  return { id: callId(), principal, edge: 'mcp_stdio', receivedAt: new Date(0), action, ...about }
}

/** Knows one credential of the configuration, and recognises what looks like a token. */
const redactor = ((): Redactor => {
  const configured = redactorOf('ghp_of_the_configuration')
  const spans = (bytes: Buffer) => {
    const tokens = [...bytes.toString('latin1').matchAll(/ghp_\w+/g)].map(
      ({ index, 0: text }): Span => ({
        start: index,
        end: index + text.length,
        kind: 'git_token',
        isWhole: true,
      }),
    )
    return joined([...tokens, ...configured.spans(bytes)])
  }
  return { ...configured, spans, longestBytes: 40, label: ({ kind }) => `[redacted ${kind}]` }
})()

describe('what a host gave', () => {
  test('has handles in the place of what was recognised, and none for a credential of the configuration', () => {
    const parts = { redactor, secrets: secretBook() }
    const { text, count } = redactorFor(callOf(), parts).redact(
      'ghp_one ghp_two ghp_one ghp_of_the_configuration',
    )
    const [, one, two, again] =
      /^\[redacted git_token (\S+)\] \[redacted git_token (\S+)\] \[redacted git_token (\S+)\] \[redacted configured\]$/.exec(
        text,
      ) ?? []
    expect([count, one === again, one !== two]).toEqual([4, true, true])
    expect(parts.secrets.find(owner, web, one as SecretHandle)?.value.toString()).toBe('ghp_one')
  })

  test('has them in pages as well', () => {
    const window = Buffer.from('a ghp_one b')
    const parts = { redactor, secrets: secretBook() }
    const { text } = cleanBytes(window, redactorFor(callOf(), parts), 0, window.length)
    expect(text).toBe(redactorFor(callOf(), parts).redact('a ghp_one b').text)
  })

  test('has no handle for one host among many, whose equal outputs are told once', () => {
    const parts = { redactor, secrets: secretBook() }
    const { text } = redactorFor(callOf({}, { parent: callId() }), parts).redact('ghp_one')
    expect(text).toBe('[redacted git_token]')
  })

  test('has no handle for a part of a secret', () => {
    const cut: Redactor = {
      ...redactor,
      spans: (bytes) => redactor.spans(bytes).map((span) => ({ ...span, isWhole: false })),
    }
    const { text } = redactorFor(callOf(), { redactor: cut, secrets: secretBook() }).redact('ghp_one')
    expect(text).toBe('[redacted git_token]')
  })
})

describe('a value that a command was given', () => {
  const silent: Redactor = { ...redactor, spans: redactorOf().spans, longestBytes: 0 }

  function given() {
    const parts = { redactor: silent, secrets: secretBook() }
    const handle = parts.secrets.handleOf(principal, web, Buffer.from('value-one'), 'jwt') as SecretHandle
    const action = callOf({ secrets: [{ as: { env: 'X' }, handle }] })
    return { parts, handle, action, lent: lendSecrets(owner, action.action, parts.secrets) }
  }

  test('is found again in whatever the host gives, and has the same handle', () => {
    const { parts, handle, lent } = given()
    expect(lent).toMatchObject({ secrets: { env: [{ name: 'X', value: Buffer.from('value-one') }] } })
    const of = redactorFor(callOf(), parts)
    expect(of.redact('a value-one b')).toEqual({ text: `a [redacted jwt ${handle}] b`, count: 1 })
    expect(of.longestBytes).toBeGreaterThanOrEqual('value-one'.length)
    const encoded = Buffer.from('value-one').toString('base64')
    expect(of.redact(encoded).text).toBe(`[redacted jwt ${handle}]`)
    const elsewhere = redactorFor(callOf({ host: hostName('db-server') }), parts)
    expect(elsewhere.redact('a value-one b').text).toBe('a value-one b')
  })

  test('is not looked for before: it may be a word', () => {
    const parts = { redactor: silent, secrets: secretBook() }
    parts.secrets.handleOf(principal, web, Buffer.from('password'), 'url_password')
    expect(redactorFor(callOf(), parts).redact('no password').text).toBe('no password')
  })

  test('once it is forgotten, none of that command’s output is shown', () => {
    const { parts, action } = given()
    expect(redactorFor(action, parts).redact('hello').text).toBe('hello')
    parts.secrets.keepWhere(() => false)
    const of = redactorFor(action, parts)
    expect(of.redact('hello value-one')).toEqual({
      text: '[withheld: the command was given secrets that are forgotten by now]',
      count: 1,
    })
    expect(of.redact('')).toEqual({ text: '', count: 0 })
    expect(cleanBytes(Buffer.from('hello'), of, 2, 5).text).toBe('')
  })
})

describe('a command that names handles', () => {
  test('is told in words that one of them is not known: only its output would be withheld', () => {
    const parts = { redactor, secrets: secretBook() }
    const never = 'secret:0123456789abcdef' as SecretHandle
    const call = callOf({ secrets: [{ as: 'stdin', handle: never }] })
    const answer = { kind: 'failed', code: 'secret_not_found', message: 'Nothing was run.' } as const
    expect(cleanAnswer(answer, redactorBeside(call, parts))).toEqual(answer)
    expect(cleanAnswer(answer, redactorFor(call, parts))).not.toEqual(answer)
  })

  test('gets all of them or is not run: one that is not its caller’s answers like one that never was', () => {
    const secrets = secretBook()
    const handle = secrets.handleOf(principal, web, Buffer.from('value-one'), 'jwt') as SecretHandle
    const uses = (unknown: SecretHandle) =>
      [
        { as: { env: 'X' }, handle },
        { as: 'stdin', handle: unknown },
      ] as const
    const never = 'secret:0123456789abcdef' as SecretHandle
    const other = secrets.handleOf(
      { ...principal, subject: 'u2' },
      web,
      Buffer.from('value-two'),
      'jwt',
    ) as SecretHandle
    const elsewhere = secrets.handleOf(
      principal,
      hostName('db-server'),
      Buffer.from('value-two'),
      'jwt',
    ) as SecretHandle
    const refused = [never, other, elsewhere].map((one) =>
      lendSecrets(owner, callOf({ secrets: uses(one) }).action, secrets),
    )
    expect(refused[0]).toMatchObject({ kind: 'not_started', code: 'secret_not_found' })
    expect(refused[1]).toEqual(refused[0])
    expect(refused[2]).toEqual(refused[0])
    expect(lendSecrets(owner, callOf({ secrets: uses(handle) }).action, secrets)).toMatchObject({
      kind: 'lent',
      secrets: { stdin: Buffer.from('value-one') },
    })
  })
})
