import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sftpRunner } from '../../../test/kit/sftp-runner.ts'
import { type SudoHost, startSudoHost, sudoPassword } from '../../../test/kit/sudo-user.ts'
import type { Sudo } from '../../domain/host.ts'
import type { SftpSession } from './sftp.ts'

let directory: string
let secret: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bridge-sudo-sftp-'))
  chmodSync(directory, 0o755)
  secret = join(directory, 'secret')
  writeFileSync(secret, 'for root alone', { mode: 0o600 })
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function on<T>(
  host: SudoHost,
  sudo: Sudo | undefined,
  work: (sftp: SftpSession) => Promise<T>,
): Promise<T> {
  const { open, close } = sftpRunner([host.target('web-server', sudo)])
  try {
    const sftp = await open({ sudo: true })
    try {
      return await work(sftp)
    } finally {
      sftp.release()
    }
  } finally {
    close()
  }
}

async function readSecret(sftp: SftpSession): Promise<string | undefined> {
  const handle = await sftp.open(secret, ['read'])
  const text = await sftp.read(handle, 0, 100)
  await sftp.close(handle)
  return text?.toString()
}

describe('SFTP as root by sudo', () => {
  test('where sudo asks: the password is given to its question, and files are root’s', async () => {
    const host = await startSudoHost('bash', ['Subsystem sftp internal-sftp'])
    const password = sudoPassword()
    const made = join(directory, 'made')
    const text = await on(host, { kind: 'password', password }, async (sftp) => {
      await sftp.close(await sftp.open(made, ['write', 'create', 'exclusive'], { mode: 0o644 }))
      expect(sftp.limits.readBytes).toBeGreaterThan(200_000)
      return readSecret(sftp)
    })
    expect(text).toBe('for root alone')
    expect(statSync(made).uid).toBe(0)

    await expect(on(host, { kind: 'password', password: `${password}x` }, readSecret)).rejects.toThrow(
      /sudo_failed.*password is wrong/,
    )
    await expect(on(host, { kind: 'nopasswd' }, readSecret)).rejects.toThrow('sudo_failed')
    await expect(on(host, undefined, readSecret)).rejects.toThrow('not_supported')
    await host.stop()
  })

  test('where sudo does not ask, the configured password goes nowhere', async () => {
    const host = await startSudoHost('dash')
    expect(await on(host, { kind: 'nopasswd' }, readSecret)).toBe('for root alone')
    // Were it sent all the same, it would be the first bytes of SFTP and end the session.
    expect(await on(host, { kind: 'password', password: 'never-asked-for' }, readSecret)).toBe(
      'for root alone',
    )
    await host.stop()
  })

  test.each([
    ['zsh', 'a terminal is demanded'],
    ['rbash', 'the user may not'],
    ['no-sudo', 'there is no sudo'],
  ] as const)('%s: %s, and the answer says that nothing was done', async (...[shell]) => {
    const host = await startSudoHost(shell)
    const sudo = { kind: 'password', password: sudoPassword() } as const
    await expect(on(host, sudo, readSecret)).rejects.toThrow(/sudo_failed.*Nothing was done/)
    await host.stop()
  })
})
