import { describe, expect, test } from 'vitest'
import { hostName } from '../../domain/host.ts'
import { sudoRefusal } from './sudo-refusal.ts'

const host = hostName('web-server')
const password = { kind: 'password', password: 'example-secret' } as const
const nopasswd = { kind: 'nopasswd' } as const

describe('what sudo said', () => {
  test.each([
    [
      'Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt',
      1,
      /does not take the configured password/,
    ],
    ['sudo-rs: Incorrect authentication attempt', 1, /does not take the configured password/],
    ['user is not in the sudoers file.  This incident will be reported.', 1, /sudoers does not allow/],
    ["Sorry, user u is not allowed to execute '/bin/bash -c x' as root on h.", 1, /sudoers does not allow/],
    ['Sorry, user u may not run sudo on h.', 1, /sudoers does not allow/],
    ['sudo: sorry, you must have a tty to run sudo', 1, /requiretty/],
    ['sudo: no tty present and no askpass program specified', 1, /requiretty/],
    ['The account is locked due to 3 failed logins.', 1, /locked/],
    ['sudo: Account or password is expired, reset your password and try again', 1, /expired/],
    [
      'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
      1,
      /cannot become root/,
    ],
    [
      "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set?",
      1,
      /cannot become root/,
    ],
    ['bash: line 1: sudo: command not found', 127, /not installed/],
    ['zsh:1: command not found: sudo', 127, /not installed/],
    ['a language that nobody knows', 1, /exit status 1/],
  ])('is told by its meaning, without a name: %j', (said, status, meaning) => {
    const refused = sudoRefusal(host, password, said, status)
    expect(refused).toMatchObject({ kind: 'not_started', code: 'sudo_failed' })
    expect(refused.message).toMatch(/^sudo on web-server did not start the command: .*\. Nothing was run\.$/)
    expect(refused.message).toMatch(meaning)
  })

  test('that it wants a password means something else where none is configured', () => {
    const said = 'sudo: a password is required'
    expect(sudoRefusal(host, nopasswd, said, 1).message).toMatch(/configured with sudo: nopasswd/)
    expect(sudoRefusal(host, password, said, 1).message).toMatch(/more than a password/)
  })

  test('goes to the log of the operator, without the password', () => {
    const { detail } = sudoRefusal(host, password, 'you said example-secret', 1)
    expect(detail).toBe('sudo exited with 1: "you said [redacted]"')
  })
})
