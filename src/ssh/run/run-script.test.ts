import { afterAll, beforeAll, expect, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { hostName } from '../../domain/host.ts'
import { runScript } from './run-script.ts'

let sshd: Sshd
let bridge: ReturnType<typeof sshRunner>

beforeAll(async () => {
  sshd = await startSshd()
  bridge = sshRunner([sshd.target('web-server')])
})
afterAll(async () => {
  bridge.close()
  await sshd.stop()
})

async function connected() {
  const connection = await bridge.pool.dial('user@example.com', hostName('web-server'))
  if ('kind' in connection) throw new Error(connection.message)
  return connection
}

test('a script of ours answers, and on a connection that was lost already it fails without an error of its own', async () => {
  const connection = await connected()
  const signal = new AbortController().signal
  expect(await runScript(connection, 'echo here', signal)).toEqual({ kind: 'answered', stdout: 'here\n' })
  connection.close()
  expect(await runScript(connection, 'echo here', signal)).toEqual({ kind: 'failed' })
})
