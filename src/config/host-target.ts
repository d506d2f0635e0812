import {
  type Attribution,
  type Credential,
  type HostTarget,
  hostName,
  type PromptAnswer,
  type Sudo,
} from '../domain/host.ts'
import type { HostDraft } from './schema.ts'
import type { AnswerDraft } from './schema-host.ts'
import { bareBase32 } from './schema-values.ts'

/** A host as the bridge knows it; undefined while a required key is missing. */
export function toTarget(host: HostDraft, credential: Credential): HostTarget | undefined {
  const { name, host: address, username } = host
  if (name === undefined || address === undefined || username === undefined) return undefined
  const sudo = toSudo(host)
  return {
    host: {
      name: hostName(name),
      description: host.description ?? '',
      tags: host.tags ?? [],
      executionMode: host.execution_mode ?? 'exec',
      requiredScopes: host.required_scopes ?? [],
      allowsSudo: sudo !== undefined,
      allowsTerminal: host.terminal ?? false,
    },
    address,
    port: host.port ?? 22,
    username,
    credential,
    hostKeys: [host.host_key ?? []].flat().map((fingerprint) => fingerprint.replace(/=$/, '')),
    disablePager: host.disable_pager ?? true,
    ...(host.jump !== undefined && { jump: hostName(host.jump) }),
    ...(host.proxy_command !== undefined && { proxyCommand: host.proxy_command }),
    platform: host.platform ?? 'auto',
    algorithms: host.algorithms ?? 'modern',
    answers: host.answers.flatMap(toAnswer),
    ...(sudo && { sudo }),
    ...(host.attribution && { attribution: toAttribution(host.attribution) }),
  }
}

/** Only what was written: the rest is filled in from what holds for all hosts. */
function toAttribution({ env, syslog }: NonNullable<HostDraft['attribution']>): Attribution {
  return { ...(env !== undefined && { env }), ...(syslog !== undefined && { syslog }) }
}

function toSudo({ sudo }: HostDraft): Sudo | undefined {
  if (sudo === undefined) return undefined
  if (sudo === 'nopasswd') return { kind: 'nopasswd' }
  return sudo.password === undefined ? undefined : { kind: 'password', password: sudo.password }
}

function toAnswer({ prompt, answer, totp_secret: totp }: AnswerDraft): PromptAnswer[] {
  if (prompt === undefined) return []
  if (answer !== undefined) return [{ prompt, answer }]
  return totp === undefined ? [] : [{ prompt, totpSecret: bareBase32(totp) }]
}

/** Every credential of a host, for redaction. */
export function hostSecrets({ credential, answers, sudo }: HostTarget): string[] {
  const ofSignIn =
    credential.kind === 'password'
      ? credential.password
      : credential.kind === 'private_key'
        ? credential.passphrase
        : undefined
  const ofAnswers = answers.map((one) => ('answer' in one ? one.answer : one.totpSecret))
  const ofSudo = sudo?.kind === 'password' ? sudo.password : undefined
  return [ofSignIn, ...ofAnswers, ofSudo].filter((text) => text !== undefined)
}
