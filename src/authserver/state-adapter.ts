import type { Adapter, AdapterFactory, AdapterPayload, errors } from 'oidc-provider'
import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import { grantIdOf } from './refresh-token-id.ts'
import type { Registrations } from './registrations.ts'

/** The most of each kind that is kept; those written longest ago go. Authorization requests and codes are cheap to make for anybody. */
const MOST: Readonly<Record<string, number>> = {
  interaction: 2_000,
  authorization_code: 2_000,
  session: 5_000,
  replay_detection: 5_000,
  grant: 20_000,
  refresh_token: 20_000,
}
const OTHERS = 1_000
/** Counting takes a statement. */
const COUNT_EVERY = 50
/** That a code was used is known for so long after it expired. */
const USED_MS = 60_000

/**
 * Where the provider library keeps what it remembers. A refresh token that is used is removed at once; one that is not there any more, of a
 * consent that still is, was used before, and that is what the library is told: however long ago, its family ends.
 */
export function stateAdapter(
  state: SealedState,
  registrations: Registrations,
  clock: Clock,
  { InvalidGrant }: Pick<typeof errors, 'InvalidGrant'>,
): AdapterFactory {
  let written = 0

  async function makeRoom(kind: string): Promise<void> {
    written += 1
    if (written % COUNT_EVERY === 0) await state.trim(kind, MOST[kind] ?? OTHERS)
  }

  async function findRefreshToken(id: string): Promise<AdapterPayload | undefined> {
    const found = (await state.find('refresh_token', id)) as AdapterPayload | undefined
    const grantId = grantIdOf(id)
    if (found !== undefined || grantId === undefined) return found
    const grant = (await state.find('grant', grantId)) as AdapterPayload | undefined
    // guard: used-tokens-are-remembered
    return grant && usedBefore(id, grantId, grant, Math.floor(clock.now().getTime() / 1000))
  }

  /** Another instance has taken the same in this moment: as when it comes a second time, all that came of it ends. */
  async function usedElsewhere(kind: string, grantId: string | undefined): Promise<never> {
    if (grantId !== undefined) await state.remove('grant', grantId)
    // In the words of the library, by which it goes on record.
    const why =
      kind === 'refresh_token' ? 'refresh token already used' : 'authorization code already consumed'
    // guard: tokens-once-of-all-instances
    throw new InvalidGrant(why)
  }

  return (model): Adapter => {
    const kind = model.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
    return {
      async upsert(id, payload, expiresInS) {
        if (kind === 'client') return registrations.add(id, payload)
        const expiresAt =
          expiresInS === undefined ? undefined : new Date(clock.now().getTime() + expiresInS * 1000)
        await state.save(kind, id, payload, expiresAt)
        await makeRoom(kind)
      },
      async find(id) {
        if (kind === 'client') return (await registrations.find(id))?.metadata as AdapterPayload | undefined
        if (kind === 'refresh_token') return findRefreshToken(id)
        return (await state.find(kind, id)) as AdapterPayload | undefined
      },
      async findByUid(uid) {
        const all = await state.list(kind)
        return all.map(({ value }) => value as AdapterPayload).find((payload) => payload.uid === uid)
      },
      // Devices have no way to sign in here.
      findByUserCode: async () => undefined,
      async consume(id) {
        if (kind === 'refresh_token') {
          if (!(await state.remove(kind, id))) await usedElsewhere(kind, grantIdOf(id))
          return
        }
        const payload = (await state.find(kind, id)) as AdapterPayload | undefined
        if (payload === undefined) return
        const until = new Date((payload.exp ?? 0) * 1000 + USED_MS)
        if (!(await state.add(`used_${kind}`, id, 1, until))) await usedElsewhere(kind, payload.grantId)
        const nowMs = clock.now().getTime()
        const left = (payload.exp ?? 0) * 1000 - nowMs
        const used = { ...payload, consumed: Math.floor(nowMs / 1000) }
        await state.save(kind, id, used, new Date(nowMs + Math.max(1_000, left)))
      },
      async destroy(id) {
        if (kind === 'client') await registrations.remove(id)
        else await state.remove(kind, id)
      },
      // The consent itself is destroyed with it, and without a consent no code and no refresh token is worth anything. They are swept when
      // they expire.
      revokeByGrantId: async () => undefined,
    }
  }
}

/** With every scope of the consent: a request for fewer must not hide that the token was used. */
function usedBefore(id: string, grantId: string, grant: AdapterPayload, nowS: number): AdapterPayload {
  const {
    openid,
    resources = {},
    rejected,
  } = grant as {
    openid?: { scope?: string }
    resources?: Record<string, string>
    rejected?: { openid?: { scope?: string }; resources?: Record<string, string> }
  }
  const scopes = [openid, rejected?.openid].map((one) => one?.scope ?? '')
  const ofResources = [resources, rejected?.resources ?? {}].flatMap((one) => Object.values(one))
  return {
    kind: 'RefreshToken',
    jti: id,
    grantId,
    gty: 'refresh_token',
    ...(grant.accountId !== undefined && { accountId: grant.accountId }),
    ...(grant.clientId !== undefined && { clientId: grant.clientId }),
    scope: [...scopes, ...ofResources].filter((scope) => scope !== '').join(' '),
    iat: nowS,
    iiat: nowS,
    exp: nowS + 60,
    consumed: nowS,
  }
}
