import type { Guard } from './guard.ts'

const LOGIN = {
  file: 'src/authserver/users/local-login.ts',
  test: 'src/authserver/users/local-login.test.ts',
}
const UPSTREAM = {
  file: 'src/authserver/upstream/upstream-login.ts',
  test: 'src/authserver/upstream/upstream-login.test.ts',
}
const DIALECTS = 'src/authserver/upstream/dialects.test.ts'

export const PEOPLE_GUARDS: readonly Guard[] = [
  {
    ...LOGIN,
    name: 'sign-in-throttle',
    from: "// guard: sign-in-throttle\n    if (attempt.kind === 'throttled') return",
    to: "if (attempt.kind === 'throttled' && username === '') return",
    title: 'makes the name wait, twice as long each time',
  },
  {
    ...LOGIN,
    name: 'unknown-names-cost-the-same',
    from: "const isRight = await isPassword(asked.form.get('password') ?? '', user?.passwordHash).catch(busy)",
    to: "const isRight = user !== undefined && (await isPassword(asked.form.get('password') ?? '', user.passwordHash).catch(busy))",
    title: 'an unknown name costs the time of a known one',
  },
  {
    ...LOGIN,
    name: 'code-throttle',
    from: "// guard: code-throttle\n    if (attempt.kind === 'throttled') return",
    to: "if (attempt.kind === 'throttled' && halfWay.user === '') return",
    title: 'is slowed down when it is guessed',
  },
  {
    ...LOGIN,
    name: 'code-once',
    from: 'if (step === undefined || step <= user.totp.usedStep) return undefined',
    to: 'if (step === undefined) return undefined',
    title: 'is taken once, and so is every one before it',
  },
  {
    name: 'set-up-once',
    file: 'src/authserver/users/set-up.ts',
    from: 'const holder = this.#holder(all, digest)',
    to: 'const holder = all.find(({ id }) => id === user.id)',
    test: 'src/authserver/users/set-up.test.ts',
    title: 'of two that finish at once, one is late',
  },
  {
    name: 'rights-are-not-logged',
    file: 'src/http/transfer-answers.ts',
    from: 'const prefix = [TRANSFER_PREFIX, SET_UP_PREFIX].find((one) => path.startsWith(one))',
    to: 'const prefix = [TRANSFER_PREFIX].find((one) => path.startsWith(one))',
    test: 'src/http/request-log.test.ts',
    title: 'shows no right that stands in a path',
  },
  {
    ...LOGIN,
    name: 'new-password-ends-its-second',
    from: 'Math.floor(passwordAt.getTime() / 1_000) + 1',
    to: 'Math.floor(passwordAt.getTime() / 1_000)',
    title: 'in the second in which the password was chosen nobody is let in',
  },
  {
    name: 'new-password-ends-tokens',
    file: 'src/app/own-people.ts',
    from: 'return issuedS >= Math.floor(person.notBefore.getTime() / 1_000)',
    to: 'return true',
    test: 'src/app/own-people.test.ts',
    title: 'a token of before a new password does not count',
  },
  {
    ...UPSTREAM,
    name: 'upstream-state',
    from: 'if (underWay === undefined) return page(400, startAgainPage())',
    to: "if (underWay === undefined) return { kind: 'redirect', location: asked.url.search }",
    title: 'is nobody’s answer',
  },
  {
    ...UPSTREAM,
    name: 'upstream-login-csrf',
    from: 'if (underWay?.interaction !== asked.interaction) return',
    to: 'if (underWay === undefined) return',
    title: 'an answer that another browser brings is not taken',
  },
  {
    ...UPSTREAM,
    name: 'upstream-answer-once',
    from: 'if (!(await this.#parts.state.remove(KIND, state)))',
    to: "if (state === '')",
    title: 'an answer that another instance has taken in this moment is not taken again',
  },
  {
    name: 'upstream-groups-overage',
    file: 'src/authserver/upstream/read-learnt.ts',
    from: "if ((isJsonObject(omitted) && Object.hasOwn(omitted, place)) || ownMember(claims, 'hasgroups') === true)",
    to: "if (place === '')",
    test: DIALECTS,
    title: 'of more than a token holds',
  },
  {
    name: 'upstream-email-verified',
    file: 'src/authserver/upstream/read-learnt.ts',
    from: 'if (!dialect.isEmailVerified(claims)) return undefined',
    to: 'if (dialect.isEmailVerified === undefined) return undefined',
    test: DIALECTS,
    title: 'counts when it is verified there, and only then',
  },
  {
    name: 'upstream-tenants',
    file: 'src/authserver/upstream/admit.ts',
    from: 'if (allowedTenants !== undefined && !learnt.tenants.some((tenant) => has(allowedTenants, tenant)))',
    to: 'if (allowedTenants !== undefined && learnt.tenants.some((tenant) => has([], tenant)))',
    test: DIALECTS,
    title: 'those of tenant',
  },
  {
    name: 'upstream-addresses',
    file: 'src/authserver/upstream/admit.ts',
    from: 'if (!has(allowedDomains ?? [], domain) && !has(allowedPeople ?? [], learnt.email))',
    to: 'if (has([], domain) && !has(allowedPeople ?? [], learnt.email))',
    test: DIALECTS,
    title: 'by domain: alice@evil-example.com',
  },
  {
    name: 'upstream-open-to-all',
    file: 'src/config/check-upstream.ts',
    from: 'if (isForAnybody(provider, issuer) && givesScopes && !(tenants || domains || people))',
    to: "if (isForAnybody(provider, issuer) && givesScopes && !(tenants || domains || people) && issuer === '')",
    test: 'src/config/upstream.test.ts',
    title: 'alone does not start',
  },
]
