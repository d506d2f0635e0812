import { expect, test } from 'vitest'
import { run } from '../../../test/kit/rules.ts'
import { type Host, hostName } from '../../domain/host.ts'
import type { SecretHandle } from '../../domain/secret.ts'
import { demandsOf } from './demand.ts'

test('a command that only reads does not only read once it is given what its caller has not seen', () => {
  const host: Host = {
    name: hostName('web-1'),
    description: '',
    tags: [],
    executionMode: 'exec',
    requiredScopes: [],
    allowsSudo: false,
    allowsTerminal: false,
  }
  const hostOf = () => host
  const argv = [{ kind: 'text', text: 'sha256sum' }] as const
  const understanding = { kind: 'understood', parts: [{ argv, class: 'read' }], script: 'x' } as const
  const context = { hostOf, understanding, home: undefined }
  const classes = (action: ReturnType<typeof run>) => demandsOf(action, context).map((one) => one.class)
  const secrets = [{ as: 'stdin', handle: 'secret:0123456789abcdef' as SecretHandle }] as const
  expect(classes(run('sha256sum'))).toEqual(['read'])
  expect(classes(run('sha256sum', 'web-1', { secrets }))).toEqual(['run'])
})
