import { createHash } from 'node:crypto'
import type { AuditLog } from '../../domain/audit.ts'
import type { SealedState } from '../../domain/sealed-state.ts'
import type { User, UserStore } from '../../domain/user.ts'
import type { Clock } from '../../lib/clock.ts'
import type { PageAnswer, PageRequest } from '../login.ts'
import { busy, hashPassword, passwordFault } from './password.ts'
import { newTotpSecret, otpauthUri, stepOfCode } from './totp-code.ts'
import { addCodePage, BUSY, choosePasswordPage, deadLinkPage, readyPage } from './user-pages.ts'

/** Below the issuer. What follows is the right itself. */
export const SET_UP_PATH = '/oauth/set-up/'

const MAX_BEGUN = 1_000
/** Between two steps of one person. */
const BEGUN_MS = 3_600_000
const KIND = 'set_up'

interface Begun {
  readonly secret: string
  /** Once it is chosen. */
  readonly passwordHash?: string
}

export interface SetUpParts {
  readonly users: UserStore
  readonly state: SealedState
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  /** What authenticator apps show beside the name. */
  readonly place: string
}

/** What a set-up link keeps in the store: nobody who reads that can use the link. */
export function setUpDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/**
 * The pages behind a set-up link: a password, then a code if wanted. Nothing is kept before the last step, which uses the link up. What
 * was begun is kept sealed, so that any instance takes the next step.
 */
export class SetUp {
  readonly #parts: SetUpParts

  constructor(parts: SetUpParts) {
    this.#parts = parts
  }

  async page(asked: PageRequest): Promise<PageAnswer> {
    const digest = setUpDigest(asked.url.pathname.slice(SET_UP_PATH.length))
    const user = this.#holder(await this.#parts.users.list(), digest)
    if (user === undefined) return page(404, deadLinkPage())
    if (asked.method === 'GET') {
      await this.#parts.state.remove(KIND, digest)
      return page(200, choosePasswordPage(user.username))
    }
    const begun = await this.#begunAt(digest)
    switch (asked.form.get('action')) {
      case 'confirm':
        return begun?.passwordHash === undefined
          ? page(200, choosePasswordPage(user.username))
          : this.#confirm(digest, user, { ...begun, passwordHash: begun.passwordHash }, asked)
      case 'skip':
        return begun?.passwordHash === undefined
          ? page(200, choosePasswordPage(user.username))
          : this.#finish(digest, user, asked, { passwordHash: begun.passwordHash })
      default:
        return this.#choose(digest, user, asked.form)
    }
  }

  async #choose(digest: string, user: User, form: URLSearchParams): Promise<PageAnswer> {
    const password = form.get('password') ?? ''
    const differs = form.get('again') !== password ? 'The two are not the same.' : undefined
    const wrong = passwordFault(password, user) ?? differs
    if (wrong !== undefined) return page(422, choosePasswordPage(user.username, wrong))
    const before = await this.#begunAt(digest)
    const passwordHash = await hashPassword(password).catch(busy)
    if (passwordHash === 'busy') return BUSY
    const begun: Begun = { secret: before?.secret ?? newTotpSecret(), passwordHash }
    const { clock, state } = this.#parts
    await state.save(KIND, digest, begun, new Date(clock.now().getTime() + BEGUN_MS))
    await state.trim(KIND, MAX_BEGUN)
    return page(200, this.#askForCode(user, begun.secret))
  }

  async #confirm(
    digest: string,
    user: User,
    begun: Required<Begun>,
    asked: PageRequest,
  ): Promise<PageAnswer> {
    const { secret, passwordHash } = begun
    const usedStep = stepOfCode(secret, asked.form.get('code') ?? '', this.#parts.clock.now())
    if (usedStep !== undefined)
      return this.#finish(digest, user, asked, { passwordHash, totp: { secret, usedStep } })
    const wrong = 'That is not the code of now. Is the clock of the phone right?'
    return page(422, this.#askForCode(user, secret, wrong))
  }

  #askForCode({ username }: User, secret: string, wrong?: string): string {
    return addCodePage(secret, otpauthUri(secret, username, this.#parts.place), wrong)
  }

  async #finish(
    digest: string,
    user: User,
    asked: PageRequest,
    proof: Pick<User, 'totp'> & { readonly passwordHash: string },
  ): Promise<PageAnswer> {
    const { users, audit, clock } = this.#parts
    const at = clock.now()
    await audit.append({
      type: 'user.set_up',
      at,
      subject: user.id,
      username: user.username,
      withCode: proof.totp !== undefined,
      ...(asked.remoteAddress !== undefined && { remoteAddress: asked.remoteAddress }),
    })
    let isDone = false
    await users.change((all) => {
      // Once more, now that nobody else writes: of two that use the link at the same time, one is late.
      // guard: set-up-once
      const holder = this.#holder(all, digest)
      if (holder === undefined) return undefined
      isDone = true
      const { setUp: _, totp: __, ...kept } = holder
      return { saved: { ...kept, ...proof, passwordAt: at } }
    })
    await this.#parts.state.remove(KIND, digest)
    return isDone ? page(200, readyPage()) : page(404, deadLinkPage())
  }

  async #begunAt(digest: string): Promise<Begun | undefined> {
    return (await this.#parts.state.find(KIND, digest)) as Begun | undefined
  }

  /** Who may use the link now. */
  #holder(users: readonly User[], digest: string): User | undefined {
    const now = this.#parts.clock.now()
    return users.find(
      ({ setUp, isDisabled }) => setUp?.sha256 === digest && now < setUp.expiresAt && !isDisabled,
    )
  }
}

function page(status: number, html: string): PageAnswer {
  return { kind: 'page', status, html }
}
