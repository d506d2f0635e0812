import type { Review } from './review.ts'
import type { HostDraft } from './schema.ts'

/** Shorter texts are not taken out of output: they would blank out ordinary words. */
const SHORTEST_REDACTED = 6

export interface HostRules {
  /** `ssh.allow_proxy_command`. */
  readonly allowsProxyCommand: boolean
}

/** The checks between the keys of one host. */
export function checkHost(host: HostDraft, index: number, rules: HostRules, review: Review): void {
  checkWay(host, index, rules, review)
  checkPlatform(host, index, review)
  checkSecrets(host, index, review)
}

function checkWay(
  { proxy_command: proxy, jump }: HostDraft,
  index: number,
  rules: HostRules,
  review: Review,
): void {
  if (proxy === undefined) return
  const path = ['hosts', index, 'proxy_command']
  if (!rules.allowsProxyCommand && !review.isBroken(['ssh', 'allow_proxy_command']))
    review.problem(
      path,
      'proxy_command runs a program on this machine: allow it with ssh.allow_proxy_command: true, or use jump',
    )
  if (jump !== undefined)
    review.problem(path, 'a host is reached by proxy_command or by jump, not by both: remove one')
}

/** Without a POSIX shell there is no session state to keep and no sudo: what is asked for and cannot be had does not start. */
function checkPlatform(
  { platform, execution_mode: mode, sudo }: HostDraft,
  index: number,
  review: Review,
): void {
  if (platform !== 'windows' && platform !== 'network') return
  if (mode === 'shell')
    review.problem(
      ['hosts', index, 'execution_mode'],
      `shell mode needs a POSIX shell, and platform is ${platform}: write execution_mode: exec`,
    )
  if (sudo !== undefined)
    review.problem(
      ['hosts', index, 'sudo'],
      `sudo needs a POSIX host, and platform is ${platform}: remove it`,
    )
}

function checkSecrets({ name, sudo, answers }: HostDraft, index: number, review: Review): void {
  const of = `of host ${name === undefined ? index + 1 : `\`${name}\``} is too short to be redacted from output.`
  if (typeof sudo === 'object' && sudo.password !== undefined && sudo.password.length < SHORTEST_REDACTED)
    review.warn(`The sudo password ${of}`)
  for (const [at, { answer, totp_secret: totp }] of answers.entries()) {
    const path = ['hosts', index, 'answers', at]
    if (review.isBroken(path)) continue
    if (answer === undefined && totp === undefined)
      review.problem(path, 'there is nothing to answer: add answer or totp_secret')
    else if (answer !== undefined && totp !== undefined)
      review.problem(path, 'a question has one answer: remove answer or totp_secret')
    // Short answers such as `1` for a menu are no secrets.
  }
}

/** One line for all of them: start-up is not the place for a thousand. */
export function warnOfLegacy(hosts: readonly HostDraft[], review: Review): void {
  const names = hosts.flatMap(({ name, algorithms }) => (algorithms === 'legacy' ? [name ?? '?'] : []))
  if (names.length === 0) return
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  review.warn(
    `algorithms: legacy also offers SHA-1 and CBC, which are broken or nearly so, to ${names.slice(0, 5).join(', ')}${more}: take it out once the device can do better.`,
  )
}
