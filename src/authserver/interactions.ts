import type { ProviderLibrary } from './load-provider.ts'

type Policies = ProviderLibrary['interactionPolicy']

/**
 * When a person is asked what. Beside the library's own reasons: to sign in again, when the browser's session is of somebody who may not any more.
 * Consent is asked for each time without more, since no request takes up the consent of another (`loadExistingGrant`): a cookie alone gives nothing
 * to anybody (RFC 8252 §8.6), and each consent is a family of tokens of its own.
 */
export function interactionPolicy({ base, Check }: Policies): ReturnType<Policies['base']> {
  const policy = base()
  const login = policy.get('login')
  const consent = policy.get('consent')
  if (login === undefined || consent === undefined)
    throw new TypeError('the provider library asks other questions')
  login.checks.add(
    new Check('not_any_more', 'End-User authentication is required', 'login_required', ({ oidc }) =>
      oidc.session?.accountId !== undefined && oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  )
  return policy
}
