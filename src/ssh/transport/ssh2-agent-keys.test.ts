import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { startSshd } from '../../../test/kit/sshd.ts'

test('of an agent with many keys, only the named ones are offered', async () => {
  const sshd = await startSshd({ config: ['MaxAuthTries 2'] })
  onTestFinished(() => sshd.stop())
  const socket = join(sshd.directory, 'agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  onTestFinished(() => void agent.kill())
  await expect.poll(() => existsSync(socket)).toBe(true)
  const others = ['one', 'two', 'three'].map((name) => join(sshd.directory, name))
  for (const path of others) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  for (const path of [...others, sshd.clientKeyPath])
    execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })

  const runWith = async (onlyKeys?: readonly string[]) => {
    const credential = { kind: 'agent', socket, ...(onlyKeys && { onlyKeys }) } as const
    const runner = sshRunner([sshd.target('web-server', { credential })])
    onTestFinished(() => runner.close())
    return runner.run('true')
  }
  expect(await runWith()).toMatchObject({ kind: 'not_started' })
  expect(await runWith([`${sshd.clientKeyPath}.pub`])).toMatchObject({ end: { how: 'exited', code: 0 } })
  expect(await runWith([`${others[0]}.pub`, '/none.pub'])).toMatchObject({ kind: 'not_started' })
  expect(await runWith([`${others[0]}.pub`, `${sshd.clientKeyPath}.pub`])).toMatchObject({
    end: { how: 'exited' },
  })
})
