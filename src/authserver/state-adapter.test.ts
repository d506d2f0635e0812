import type { AdapterPayload } from 'oidc-provider'
import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { loadProvider } from './load-provider.ts'
import { MemoryState } from './memory-state.ts'
import { Registrations } from './registrations.ts'
import { stateAdapter } from './state-adapter.ts'

const GRANT = 'g'.repeat(43)
/** As refresh tokens are: it says of itself which consent it was given under. */
const ID = `${GRANT}.${'b'.repeat(43)}`

async function instances(kind: string) {
  const { errors } = await loadProvider()
  const state = new MemoryState(systemClock)
  const registrations = new Registrations(state, systemClock, () => 0)
  const make = () => stateAdapter(state, registrations, systemClock, errors)(kind)
  return { state, all: [make(), make()] }
}

test.each([
  ['refresh_token', 'RefreshToken'],
  ['authorization_code', 'AuthorizationCode'],
])('a %s that two instances take at once is taken by one, and the family ends', async (_, model) => {
  const { state, all } = await instances(model)
  await state.save('grant', GRANT, {})
  const payload: AdapterPayload = { grantId: GRANT, exp: Math.floor(Date.now() / 1000) + 60 }
  await all[0]?.upsert(ID, payload, 60)
  const taken = await Promise.allSettled(all.map((adapter) => adapter.consume(ID)))
  expect(taken.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const refused = taken.find((one) => one.status === 'rejected')
  expect(refused?.reason).toMatchObject({ error: 'invalid_grant' })
  expect(await state.find('grant', GRANT)).toBeUndefined()
})

test('one that is taken once leaves its family alone', async () => {
  const { state, all } = await instances('AuthorizationCode')
  await state.save('grant', 'family', { accountId: 'alice' })
  await all[0]?.upsert(ID, { grantId: 'family', exp: Math.floor(Date.now() / 1000) + 60 }, 60)
  await all[0]?.consume(ID)
  expect(await state.find('grant', 'family')).toEqual({ accountId: 'alice' })
  expect(await all[1]?.find(ID)).toMatchObject({ consumed: expect.any(Number) })
})
