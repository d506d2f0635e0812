import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { transportContract } from '../../../test/kit/transport-contract.ts'
import { ssh2Transport } from './ssh2-handshake.ts'

transportContract('ssh2', ssh2Transport, { opensAhead: true })

test('the version of ssh2 is the one whose internals are known', () => {
  const { version } = JSON.parse(readFileSync('node_modules/ssh2/package.json', 'utf8'))
  expect(version).toBe('1.17.0')
})
