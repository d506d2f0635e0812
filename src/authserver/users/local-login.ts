import type { AuditEvent, AuditLog } from '../../domain/audit.ts'
import type { SealedState } from '../../domain/sealed-state.ts'
import type { User, UserStore } from '../../domain/user.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Account, Login, LoginAnswer, LoginRequest, PageAnswer, PageRequest } from '../login.ts'
import { loginPage } from '../pages.ts'
import { busy, isPassword } from './password.ts'
import { SET_UP_PATH, SetUp } from './set-up.ts'
import { type Attempt, SignInThrottle } from './throttle.ts'
import { stepOfCode } from './totp-code.ts'
import { BUSY, codePage, tooOftenPage } from './user-pages.ts'

/** The same for an unknown name, a wrong password, a disabled user and one who has not chosen a password yet. */
const WRONG = 'That user name and password do not belong together.'
const WRONG_CODE = 'That code is not right, or was used already. Wait for the next one.'

/** How long the code may take after the password. */
const CODE_MS = 300_000
const MAX_HALF_WAY = 1_000

/** What is typed is kept for a while as that which failed: no more of it than tells that it is nobody's name. */
const LONGER_THAN_A_NAME = 64

const HALF_WAY = 'half_way'
/** Whose password was right, by authorization request. */
interface HalfWay {
  readonly user: string
  readonly untilMs: number
}

export interface LocalLoginParts {
  readonly users: UserStore
  readonly state: SealedState
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly issuer: string
}

/** The bridge's own users: name, password, and a code where they have set one up. What is between two steps is kept like tokens: any instance takes the next. */
export class LocalLogin implements Login {
  readonly #parts: LocalLoginParts
  readonly #throttle: SignInThrottle
  readonly #setUp: SetUp

  constructor(parts: LocalLoginParts) {
    this.#parts = parts
    this.#throttle = new SignInThrottle(parts.clock)
    this.#setUp = new SetUp({ ...parts, place: new URL(parts.issuer).hostname })
  }

  async find(id: string): Promise<Account | undefined> {
    const user = await this.#parts.users.find(id)
    return user && mayEnter(user) ? accountOf(user) : undefined
  }

  async page(asked: PageRequest): Promise<PageAnswer | undefined> {
    return asked.url.pathname.startsWith(SET_UP_PATH) ? this.#setUp.page(asked) : undefined
  }

  async signIn(asked: LoginRequest): Promise<LoginAnswer> {
    if (asked.method === 'GET') return page(200, loginPage())
    switch (asked.form.get('action')) {
      case 'login':
        return this.#takePassword(asked)
      case 'code':
        return this.#takeCode(asked)
      default:
        await this.#parts.state.remove(HALF_WAY, asked.interaction)
        return page(200, loginPage())
    }
  }

  async #takePassword(asked: LoginRequest): Promise<LoginAnswer> {
    const username = (asked.form.get('username') ?? '').trim().toLowerCase().slice(0, LONGER_THAN_A_NAME)
    const attempt = this.#throttle.begin('account', username, asked.remoteAddress)
    // guard: sign-in-throttle
    if (attempt.kind === 'throttled') return this.#tooOften(asked, attempt)

    const known = (await this.#parts.users.list()).find((user) => user.username === username)
    const user = known !== undefined && mayEnter(known) ? known : undefined
    // Also for nobody, so that the time says nothing.
    // guard: unknown-names-cost-the-same
    const isRight = await isPassword(asked.form.get('password') ?? '', user?.passwordHash).catch(busy)
    if (isRight === 'busy') {
      // guard: busy-forgives-nothing
      attempt.notMade()
      return BUSY
    }
    if (user === undefined || !isRight) {
      const why = known === undefined ? 'unknown_name' : user === undefined ? whyNot(known) : 'wrong_password'
      await this.#refuse(asked, why, known, attempt.nextWaitMs)
      return page(401, loginPage(WRONG))
    }
    attempt.succeeded()
    if (user.totp === undefined) return this.#enter(asked, user, 'password')
    await this.#remember(asked.interaction, user.id)
    return page(200, codePage())
  }

  async #takeCode(asked: LoginRequest): Promise<LoginAnswer> {
    const { users, clock, state } = this.#parts
    const halfWay = (await state.find(HALF_WAY, asked.interaction)) as HalfWay | undefined
    if (halfWay === undefined || halfWay.untilMs < clock.now().getTime())
      return page(401, loginPage('That took too long. Begin again.'))
    const attempt = this.#throttle.begin('code', halfWay.user, asked.remoteAddress)
    // guard: code-throttle
    if (attempt.kind === 'throttled') return this.#tooOften(asked, attempt)
    let entered: User | undefined
    await users.change((all) => {
      const user = all.find(({ id }) => id === halfWay.user)
      if (user?.totp === undefined || !mayEnter(user)) return undefined
      const step = stepOfCode(user.totp.secret, asked.form.get('code') ?? '', clock.now())
      // RFC 6238 §5.2: a code is taken once.
      // guard: code-once
      if (step === undefined || step <= user.totp.usedStep) return undefined
      entered = { ...user, totp: { ...user.totp, usedStep: step } }
      return { saved: entered }
    })
    if (entered === undefined) {
      await this.#refuse(asked, 'wrong_code', await users.find(halfWay.user), attempt.nextWaitMs)
      return page(401, codePage(WRONG_CODE))
    }
    attempt.succeeded()
    await state.remove(HALF_WAY, asked.interaction)
    return this.#enter(asked, entered, 'password_and_code')
  }

  /** On record before anything is given. Nothing is given in the second in which the password was chosen. */
  async #enter(asked: LoginRequest, user: User, by: 'password' | 'password_and_code'): Promise<LoginAnswer> {
    const { clock } = this.#parts
    const early = (notBefore(user)?.getTime() ?? 0) - clock.now().getTime()
    if (early > 0) await clock.sleep(Math.min(early, 1_000))
    const who = { subject: user.id, username: user.username }
    await this.#record({ type: 'sign_in.succeeded', ...this.#of(asked), ...who, by })
    return { kind: 'signed_in', account: accountOf(user) }
  }

  /** The name is on record only where it is somebody's: people type passwords into the wrong field. */
  async #refuse(asked: LoginRequest, reason: string, known: User | undefined, waitMs: number): Promise<void> {
    const who = known && { subject: known.id, username: known.username }
    await this.#record({ type: 'sign_in.refused', ...this.#of(asked), ...who, reason })
    // Once for each wait, not for each who does not wait: a flood must not fill the record.
    if (waitMs > 0) await this.#record({ type: 'sign_in.throttled', ...this.#of(asked), ...who, waitMs })
  }

  async #tooOften(
    asked: LoginRequest,
    { waitMs }: Extract<Attempt, { kind: 'throttled' }>,
  ): Promise<LoginAnswer> {
    await this.#parts.state.remove(HALF_WAY, asked.interaction)
    const retryAfterS = Math.ceil(waitMs / 1_000)
    return { ...page(429, tooOftenPage(retryAfterS)), retryAfterS }
  }

  async #remember(interaction: string, user: string): Promise<void> {
    const { clock, state } = this.#parts
    const untilMs = clock.now().getTime() + CODE_MS
    await state.save(HALF_WAY, interaction, { user, untilMs } satisfies HalfWay, new Date(untilMs))
    await state.trim(HALF_WAY, MAX_HALF_WAY)
  }

  #of({ clientName, remoteAddress }: LoginRequest) {
    return {
      at: this.#parts.clock.now(),
      client: clientName,
      ...(remoteAddress !== undefined && { remoteAddress }),
    }
  }

  #record(event: AuditEvent): Promise<void> {
    return this.#parts.audit.append(event)
  }
}

function mayEnter({ isDisabled, passwordHash }: User): boolean {
  return !isDisabled && passwordHash !== undefined
}

function whyNot({ isDisabled }: User): string {
  return isDisabled ? 'disabled' : 'not_set_up'
}

function accountOf({ id, username, name, email, groups, scopes, ...rest }: User): Account {
  const from = notBefore(rest)
  return {
    id,
    username,
    groups,
    scopes,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(from !== undefined && { notBefore: from }),
  }
}

/** Tokens know whole seconds: one of the second in which the password was chosen may be of before it, so none of that second counts. */
function notBefore({ passwordAt }: Pick<User, 'passwordAt'>): Date | undefined {
  // guard: new-password-ends-its-second
  return passwordAt && new Date((Math.floor(passwordAt.getTime() / 1_000) + 1) * 1_000)
}

function page(status: number, html: string) {
  return { kind: 'page', status, html } as const
}
