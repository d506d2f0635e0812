import type { Credential } from '../domain/host.ts'
import { never } from '../lib/never.ts'

/** What was shown to a host, for its operator: names the credential, never its content. */
export function credentialText(credential: Credential): string {
  switch (credential.kind) {
    case 'private_key':
      return `the key ${credential.path}`
    case 'password':
      return 'the password'
    case 'agent': {
      const then = credential.orKeyPath === undefined ? '' : `, then the key ${credential.orKeyPath}`
      return `the keys of the agent at ${credential.socket}${then}`
    }
    default:
      return never(credential)
  }
}
