import { readFile } from 'node:fs/promises'
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, Prompt } from 'ssh2'
import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { PromptAnswers } from './prompt-answers.ts'

/** What became of a host's questions during one attempt. */
export interface KeyboardQuestions {
  /** The one that nobody had an answer for. */
  unanswered: string | undefined
  /** A one-time code was used already, and the next is waited for. */
  isWaiting: boolean
  /** Ends the attempt. */
  fail: (error: Error) => void
}

/**
 * What to offer to a host, in order. Key files are read now, so that a replaced key counts from the next connection on. The first
 * offer is made unasked: a `none` request would cost a round trip and tell us nothing.
 */
export async function authMethods(
  target: HostTarget,
  codes: OneTimeCodes,
  questions: KeyboardQuestions,
  signal: AbortSignal,
): Promise<readonly AnyAuthMethod[] | NotStarted> {
  const first = await credentialMethods(target)
  if ('kind' in first || !PromptAnswers.areThereFor(target)) return first
  const prompt = answering(new PromptAnswers(target, codes, signal), questions, signal)
  return [...first, { type: 'keyboard-interactive', username: target.username, prompt }]
}

async function credentialMethods(target: HostTarget): Promise<readonly AnyAuthMethod[] | NotStarted> {
  const { credential, username } = target
  switch (credential.kind) {
    case 'private_key':
      return publicKey(target, credential.path, credential.passphrase)
    case 'password':
      return [{ type: 'password', username, password: credential.password }]
    case 'agent': {
      const { socket, onlyKeys } = credential
      const asked = onlyKeys === undefined ? socket : await askedFor(socket, onlyKeys)
      const agent: AnyAuthMethod = { type: 'agent', username, agent: asked }
      if (credential.orKeyPath === undefined) return [agent]
      const key = await publicKey(target, credential.orKeyPath, undefined)
      return 'kind' in key ? [agent] : [agent, ...key]
    }
  }
}

async function askedFor(socket: string, onlyKeys: readonly string[]) {
  const { agentWithKeys } = await import('./ssh2-agent-keys.ts')
  return agentWithKeys(socket, onlyKeys)
}

/**
 * Offers each method once, and of the later ones only those that the host says could help (RFC 4252 §5.1). After a success that the
 * host calls partial, those that did not help before are offered again: it may have wanted another one first.
 */
export function authHandler(methods: readonly AnyAuthMethod[]): AuthHandlerMiddleware {
  let left = [...methods]
  const succeeded = new Set<AnyAuthMethod>()
  let latest: AnyAuthMethod | undefined
  // ssh2 takes the returned value, and `false` as "no more"; its types know only the callback.
  const next = (offered: AuthenticationType[] | null, isPartial: boolean | null): AnyAuthMethod | false => {
    if (isPartial === true && latest !== undefined) {
      succeeded.add(latest)
      left = methods.filter((method) => !succeeded.has(method))
    }
    const mayHelp = ({ type }: AnyAuthMethod) =>
      offered === null || offered.includes(type === 'agent' ? 'publickey' : type)
    latest = left.find(mayHelp)
    left = left.slice(latest === undefined ? 0 : left.indexOf(latest) + 1)
    return latest ?? false
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

/** A question without an answer ends the attempt: to answer at random would count as a failed one. */
function answering(answers: PromptAnswers, questions: KeyboardQuestions, signal: AbortSignal) {
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompt[],
    finish: (answers: string[]) => void,
  ) => {
    const asked = prompts.map(({ prompt, echo }) => ({ text: prompt, isVisible: echo === true }))
    questions.isWaiting = true
    answers.to(asked).then(
      (answer) => {
        questions.isWaiting = false
        if (signal.aborted) return
        if ('answers' in answer) return finish([...answer.answers])
        questions.unanswered = answer.unanswered
        const error = new Error('a question was left unanswered')
        questions.fail(Object.assign(error, { level: 'client-authentication' }))
      },
      // The attempt is over, which is told elsewhere.
      () => undefined,
    )
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
