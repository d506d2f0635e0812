import { readFile } from 'node:fs/promises'
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, Prompt } from 'ssh2'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** A server may ask more than once; one that never stops is not answered for ever. */
const MOST_QUESTIONS = 3

/**
 * What to offer to a host, in order. Key files are read now, so that a replaced key counts from the next connection on. The first
 * offer is made unasked: a `none` request would cost a round trip and tell us nothing.
 */
export async function authMethods(target: HostTarget): Promise<readonly AnyAuthMethod[] | NotStarted> {
  const { credential, username } = target
  switch (credential.kind) {
    case 'private_key':
      return publicKey(target, credential.path, credential.passphrase)
    case 'password':
      return [
        { type: 'password', username, password: credential.password },
        { type: 'keyboard-interactive', username, prompt: answering(credential.password) },
      ]
    case 'agent': {
      const agent: AnyAuthMethod = { type: 'agent', username, agent: credential.socket }
      if (credential.orKeyPath === undefined) return [agent]
      const key = await publicKey(target, credential.orKeyPath, undefined)
      return 'kind' in key ? [agent] : [agent, ...key]
    }
  }
}

/** Offers each method once, and of the later ones only those that the host says could help (RFC 4252 §5.1). */
export function authHandler(methods: readonly AnyAuthMethod[]): AuthHandlerMiddleware {
  const left = [...methods]
  // ssh2 takes the returned value, and `false` as "no more"; its types know only the callback.
  const next = (offered: AuthenticationType[] | null): AnyAuthMethod | false => {
    const mayHelp = ({ type }: AnyAuthMethod) =>
      offered === null || offered.includes(type === 'agent' ? 'publickey' : type)
    const at = left.findIndex(mayHelp)
    return (at < 0 ? undefined : left.splice(0, at + 1).at(-1)) ?? false
  }
  return next as unknown as AuthHandlerMiddleware
}

async function publicKey(
  target: HostTarget,
  path: string,
  passphrase: string | undefined,
): Promise<readonly AnyAuthMethod[] | NotStarted> {
  const { utils } = (await import('ssh2')).default
  let text: Buffer
  try {
    text = await readFile(path)
  } catch (error) {
    const detail = `${path}: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`
    return unusable(target, 'its private key file cannot be read', detail)
  }
  const parsed = utils.parseKey(text, passphrase)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  // ssh2's message speaks of the format, never of the content.
  if (key instanceof Error || key === undefined)
    return unusable(
      target,
      'its private key cannot be used: wrong passphrase or format',
      `${path}: ${key?.message}`,
    )
  if (!key.isPrivateKey()) return unusable(target, 'its key file holds no private key', path)
  return [{ type: 'publickey', username: target.username, key }]
}

/** Answers hidden prompts with the password. A visible one asks for something else. */
function answering(password: string) {
  let asked = 0
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompt[],
    finish: (answers: string[]) => void,
  ) => {
    asked += 1
    finish(asked > MOST_QUESTIONS ? [] : prompts.map(({ echo }) => (echo === true ? '' : password)))
  }
}

function unusable(target: HostTarget, why: string, detail: string): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_auth_failed',
    message: `The bridge could not sign in to ${target.host.name}: ${why}. The operator has to mend this; nothing was run.`,
    detail,
  }
}
