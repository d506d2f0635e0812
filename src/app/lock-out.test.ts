import { expect, test } from 'vitest'
import { callId } from '../../test/kit/command-parts.ts'
import { user } from '../../test/kit/http-app.ts'
import { lockOn } from '../../test/kit/lock-parts.ts'
import { scriptedBridge } from '../../test/kit/scripted-bridge.ts'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import { perform } from '../pipeline/perform.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { SshExecutor } from '../ssh/executor.ts'
import { endWhatIsLocked } from './lock-out.ts'

const never = new AbortController().signal

function waitOf(principal: Principal, name: string): Call {
  const command = `wait ${name}`
  const action = {
    kind: 'run',
    host: hostName('web-server'),
    command,
    timeoutMs: 60_000,
    waitMs: 60_000,
  } as const
  return { id: callId(), principal, action, edge: 'rest', receivedAt: new Date(0) }
}

test('what a lock holds is ended in the same turn, with its terminals and links; what it does not hold goes on', async () => {
  const { bridge, started } = scriptedBridge()
  const log = rememberedLog()
  const ended: string[] = []
  const ssh = { lockOut: () => void ended.push('terminals') } as unknown as SshExecutor
  const links = {
    endWhere: (isOver: (call: Call) => boolean) =>
      void ended.push(`links: ${isOver(mine)} ${isOver(theirs)}`),
  } as unknown as TransferLinks
  endWhatIsLocked({ bridge, ssh, links, log })
  const mine = waitOf(user, 'mine')
  const theirs = waitOf({ ...user, subject: 'u2', email: 'u2@example.com' }, 'theirs')
  const answer = perform(mine, bridge, never)
  const other = new AbortController()
  const otherAnswer = perform(theirs, bridge, other.signal)
  await Promise.all([started('mine'), started('theirs')])

  const count = await bridge.locks.add(lockOn({ kind: 'person', email: 'USER@example.com' }))
  expect(count).toBe(1)
  expect(ended).toEqual(['terminals', 'links: true false'])
  expect(await answer).toMatchObject({ kind: 'ran', end: { how: 'cancelled' } })
  expect(bridge.running.count).toBe(1)
  other.abort()
  await otherAnswer
})
