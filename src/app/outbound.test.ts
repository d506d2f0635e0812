import { expect, test } from 'vitest'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { openForStrangers, openOutbound } from './outbound.ts'

/** Nothing listens there. */
const ISSUER = 'https://127.0.0.1:1'
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/** The part of a configuration that says what is asked, with an issuer on this machine. */
function configWith(privateAddresses: readonly string[]): () => Config {
  const oauth = {
    issuers: [{ issuer: ISSUER, audience: [], provider: 'generic', claims: {} }],
    scopesSupported: [],
  }
  const config = {
    outbound: { privateAddresses },
    server: { auth: { oauth } },
    approvals: {},
    auditSinks: [],
  }
  return () => config as unknown as Config
}

test('an issuer on this machine is asked by the bridge, and not for a stranger who names it', async () => {
  const config = configWith([])
  // It was asked: it did not answer.
  await expect(openOutbound(config, systemClock, SILENT).fetch(ISSUER)).rejects.toMatchObject({
    fault: 'unreachable',
  })
  await expect(openForStrangers(config, systemClock)(`${ISSUER}/client.json`)).rejects.toMatchObject({
    fault: 'not_public',
  })
})

test('where private addresses are named, documents of clients are fetched there too', async () => {
  const ask = openForStrangers(configWith(['127.0.0.1']), systemClock)
  await expect(ask(`${ISSUER}/client.json`)).rejects.toMatchObject({ fault: 'unreachable' })
})
