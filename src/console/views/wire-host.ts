import type { HostFacts } from '../../domain/facts.ts'
import type { HostContact } from '../../domain/host-sight.ts'
import { wireFacts } from '../../pipeline/wire-facts.ts'
import type { ConfiguredHost } from '../hosts-eyes.ts'

export function hostOf({ host, jump, isHop }: ConfiguredHost) {
  return {
    name: host.name,
    description: host.description,
    tags: host.tags,
    execution_mode: host.executionMode,
    required_scopes: host.requiredScopes,
    sudo: host.allowsSudo,
    terminal: host.allowsTerminal,
    is_hop: isHop,
    ...(jump !== undefined && { jump }),
  }
}

export function contactOf({ open, connectedAt, failed, keyRefused }: HostContact) {
  return {
    open,
    ...(connectedAt !== undefined && { connected_at: connectedAt.toISOString() }),
    ...(failed && { failed: failureOf(failed) }),
    ...(keyRefused && { key_refused: failureOf(keyRefused) }),
  }
}

function failureOf({ at, ...failure }: NonNullable<HostContact['failed']>) {
  return { ...failure, at: at.toISOString() }
}

/** Without the names and addresses that the host gives itself. */
export function factsOf(facts: HostFacts) {
  // guard: console-facts-without-addresses
  const { hostname: _, listening, ...told } = wireFacts(facts)
  return { ...told, ...(listening && { listening: listening.map(({ address: __, ...port }) => port) }) }
}
