import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Authenticator } from '../../src/domain/authentication.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { SILENT } from '../../test/kit/fake-issuer.ts'
import { toLoopback } from '../../test/kit/to-loopback.ts'
import { TokenForge } from '../../test/kit/token-forge.ts'
import { OURS } from '../contenders/ours.ts'
import { type Contest, interleaved, median, timedMs, times } from '../figures.ts'
import { defineRow } from '../row.ts'
import type { Stage } from '../stage.ts'

const RESOURCE = 'https://bridge.example.com'
/** Tokens of one sample: one alone is near the clock's grain. */
const BLOCK = 100
const [PLAIN, NARROW, BEFORE] = [OURS, `${OURS}, clients, tenants and lifetime limited`, 'the other checkout']

type CreateAuthenticator = (settings: never, resources: readonly string[], around: object) => Authenticator

export const tokens = defineRow({
  name: 'tokens',
  title: 'A good token',
  about:
    'An RS256 access token, verified in this process, one after the other. With `--against DIRECTORY` another checkout of the bridge does the same in turns.',
  targets: { before: { what: 'a good token, to the other checkout', most: 1.1, unit: '×' } },
  async measure(stage) {
    const forge = await TokenForge.start({ resource: RESOURCE, clock: systemClock, marginS: 20 })
    stage.after(() => forge.close())
    const token = forge.having({ exp: forge.nowS + 3_600, azp: 'client-1', tid: 'tenant-1' })
    const limits = { allowedClients: ['client-1'], allowedTenants: ['tenant-1'], maxLifetimeMs: 7_200_000 }
    const { against } = stage.options
    const contest: Contest = {
      [PLAIN]: await contender(stage, '.', forge, token, {}),
      [NARROW]: await contender(stage, '.', forge, token, limits),
      ...(against !== undefined && { [BEFORE]: await contender(stage, against, forge, token, {}) }),
    }
    await interleaved(3, 1, contest)
    const samples = await interleaved(stage.rounds(0.3, 5), 1, contest)
    const ways = Object.keys(contest).map(
      (way) =>
        ({ way, kind: way === BEFORE ? 'yardstick' : 'ours', values: [median(samples[way])] }) as const,
    )
    return {
      tables: [{ title: 'one token', measures: [{ name: 'p50', unit: 'ms', better: 'less' }], ways }],
      // Of each round by itself: what else the machine does hits the two samples of a round alike.
      reached: {
        before: median(samples[PLAIN]?.flatMap((ms, at) => times(ms, samples[BEFORE]?.[at]) ?? [])),
      },
      notes: against === undefined ? ['Compared with nothing: no --against.'] : [],
    }
  },
})

/** Milliseconds that a token takes with the authenticator of a checkout. */
async function contender(
  stage: Stage,
  checkout: string,
  { issuer }: TokenForge,
  token: string,
  limits: object,
): Promise<() => Promise<number>> {
  const createAuthenticator = await authenticatorOf(stage, checkout)
  const one = {
    issuer: issuer.url,
    audience: [],
    jwksUri: issuer.jwksUri,
    provider: 'generic',
    claims: {},
    ...limits,
  }
  // Earlier checkouts know one issuer, whose settings stand beside the list.
  const oauth = { ...one, issuers: [one], scopesSupported: ['mcp:execute'] }
  const around = { clock: systemClock, log: SILENT, fetch: toLoopback(systemClock) }
  const door = createAuthenticator({ oauth, apiKeys: [] } as never, [RESOURCE], around)
  const ask = async () => {
    const answer = await door.authenticate({ authorization: [`Bearer ${token}`] })
    if (answer.kind === 'refused') throw new Error(answer.reason)
  }
  return async () => {
    const ms = await timedMs(async () => {
      for (let at = 0; at < BLOCK; at++) await ask()
    })
    return ms / BLOCK
  }
}

/** Bundled in the same way for every checkout, into a folder from which the packages are found. */
async function authenticatorOf(stage: Stage, checkout: string): Promise<CreateAuthenticator> {
  const folder = mkdtempSync(join('node_modules', '.tokens-'))
  stage.after(async () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'authenticator.mjs')
  await build({
    entryPoints: [resolve(checkout, 'src/oauth/authenticator.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  const module: { createAuthenticator: CreateAuthenticator } = await import(pathToFileURL(outfile).href)
  return module.createAuthenticator
}
