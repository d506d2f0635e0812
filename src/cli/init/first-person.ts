import type { Config } from '../../config/config.ts'
import { BridgeError } from '../../domain/errors.ts'
import { isUsername } from '../../domain/user.ts'
import { APPROVE_SCOPE, AUDIT_SCOPE, EXECUTE_SCOPE, OPERATE_SCOPE } from '../../policy/scopes.ts'
import { complain, say } from '../command.ts'
import type { Questions } from './question.ts'
import { ownName } from './ways.ts'

/** Whoever sets the bridge up answers for others, too, and reads what happened. An assistant is given the first of these alone. */
const SCOPES = [EXECUTE_SCOPE, APPROVE_SCOPE, AUDIT_SCOPE, OPERATE_SCOPE]

/**
 * With the built-in login: adds the first person. Resolves to the link at which they choose a password, or to undefined where nobody was
 * added.
 */
export async function addFirstPerson(
  config: Config,
  questions: Questions,
  given: string | undefined,
): Promise<string | undefined> {
  const { embedded } = config.server.auth.oauth ?? {}
  if (embedded === undefined) return undefined
  const name = await questions.ask({
    text: 'Who signs in first? A name of yours (none: later, with users add)',
    option: '--first-person',
    given,
    fallback: ownName(),
    read: (text) =>
      text === 'none' || isUsername(text.toLowerCase())
        ? { is: text.toLowerCase() }
        : { wrong: 'write 1 to 63 of a-z 0-9 . _ + @ -, beginning with a letter or digit' },
  })
  if (name === 'none') return undefined
  const { UsersInStore } = await import('../../app/users.ts')
  const warn = (message: string) => complain(`warning: ${message}`)
  const store = await UsersInStore.open(config, embedded.issuer, { warn })
  try {
    const link = await store.add(name, { scopes: SCOPES })
    say(`  ✔ ${name} may sign in, once a password is chosen.`)
    return link
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    say(`  ! ${error.message}`)
    return undefined
  } finally {
    await store.close()
  }
}
