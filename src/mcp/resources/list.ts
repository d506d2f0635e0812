import type { Action } from '../../domain/call.ts'
import { commandOutput, commandOutputFrom } from './command-output.ts'
import type { Resource } from './define-resource.ts'
import { hostFacts, hosts } from './hosts.ts'
import { parseUri } from './resource-uris.ts'

/** Every resource that is read by a call. */
export const RESOURCES: readonly Resource[] = [hosts, hostFacts, commandOutput, commandOutputFrom]

/** The resource of an address and the action that reading it is; undefined for an address of nothing. */
export function resourceAt(
  uri: string,
): { readonly resource: Resource; readonly action: Action } | undefined {
  const named = parseUri(uri)
  if (named === undefined) return undefined
  for (const resource of RESOURCES) {
    const action = resource.actionOf(named)
    if (action !== undefined) return { resource, action }
  }
  return undefined
}
