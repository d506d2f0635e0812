import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startSshd, type TestShell } from './sshd.ts'

const run = promisify(execFile)

describe('the OpenSSH server of the tests', () => {
  test.each<TestShell>(['bash', 'dash', 'ash', 'zsh'])('runs commands in %s', async (shell) => {
    const sshd = await startSshd({ shell })
    try {
      const options = ['-i', sshd.clientKeyPath, '-o', `UserKnownHostsFile=${sshd.knownHostsPath}`]
      const where = ['-p', String(sshd.port), `${sshd.username}@127.0.0.1`]
      const script = 'echo "$SHELL"; echo $0 "$#"'
      const { stdout } = await run('ssh', ['-F', 'none', '-o', 'BatchMode=yes', ...options, ...where, script])
      expect(stdout.split('\n')[0]?.endsWith(`/${shell}`)).toBe(true)
      expect(sshd.authenticationAttempts()).toBeGreaterThan(0)
    } finally {
      await sshd.stop()
    }
  })
})
