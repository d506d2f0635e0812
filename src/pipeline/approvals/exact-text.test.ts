import { expect, test } from 'vitest'
import { hostName } from '../../domain/host.ts'
import type { SecretHandle } from '../../domain/secret.ts'
import { actionText } from './exact-text.ts'

test('whoever has to approve a command reads which secrets it is given, and as what', () => {
  const handle = 'secret:0123456789abcdef' as SecretHandle
  const run = { kind: 'run', host: hostName('web-server'), command: 'id', timeoutMs: 1, waitMs: 1 } as const
  const secrets = [
    { as: { env: 'TOKEN' }, handle },
    { as: 'stdin', handle },
  ] as const
  expect(actionText({ ...run, secrets })).toBe(`id (given ${handle} as TOKEN, ${handle} as input)`)
  expect(actionText(run)).toBe('id')
})
