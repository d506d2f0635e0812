import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { startSshd, type TestShell } from '../../../test/kit/sshd.ts'

/** What a login shell has to do with: the words before the command, and how it is made to stop. */
describe.each<TestShell>(['bash', 'dash', 'ash', 'zsh'])('a login shell that is %s', (shell) => {
  test('runs commands as given, in the directory asked for, without pagers, and is ended by a time-out', async () => {
    const sshd = await startSshd({ shell })
    const bridge = sshRunner([sshd.target('web-server')])
    try {
      const exited = (code: number) => ({ end: { how: 'exited', code } })
      expect(await bridge.run('echo "$PAGER:$PWD"; exit 4', { workingDirectory: '/usr' })).toMatchObject({
        ...exited(4),
        stdout: { head: 'cat:/usr\n' },
        stderr: { head: '' },
      })
      expect(await bridge.run('echo here', { workingDirectory: '~' })).toMatchObject(exited(0))
      expect(await bridge.run('echo ran', { workingDirectory: '/no/such' })).toMatchObject({
        stdout: { head: '' },
      })
      expect(await bridge.run('# only a comment')).toMatchObject(exited(0))
      expect(await bridge.run("cat <<'END'\n$x `y`\nEND")).toMatchObject({ stdout: { head: '$x `y`\n' } })
      expect(await bridge.run('kill -9 $$')).toMatchObject({ end: { how: 'killed', signal: 'KILL' } })
      expect(await bridge.run('sleep 30 & echo started')).toMatchObject({
        ...exited(0),
        stdout: { head: 'started\n' },
      })
      const mark = { bash: 4841, dash: 4842, ash: 4843, zsh: 4844 }[shell]
      const ran = await bridge.run(`echo before; sleep ${mark} & sleep ${mark}; echo after`, {
        timeoutMs: 700,
      })
      expect(ran).toMatchObject({
        end: { how: 'timed_out', remote: { state: 'stopped' } },
        stdout: { head: 'before\n' },
      })
      const left = execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.endsWith(`sleep ${mark}`) && !line.startsWith('Z'))
      expect(left).toEqual([])
    } finally {
      bridge.close()
      await sshd.stop()
    }
  })
})
