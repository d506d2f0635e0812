import { existsSync } from 'node:fs'
import { type EffectsHosts, onEffectsHosts } from '../kit/effects/effects-hosts.ts'
import type { BypassCase } from './bypass/bypass-case.ts'
import { BYPASS_CASES } from './bypass-cases.ts'

const PROGRAMS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

function isInstalled(program: string): boolean {
  return PROGRAMS.some((folder) => existsSync(`${folder}/${program}`))
}

/** Those that do something on this machine: their programs are there, and nothing is known that keeps them from it. */
export const CASES_WITH_EFFECTS = BYPASS_CASES.filter(
  ({ inert, needs = [] }) => inert === undefined && needs.every(isInstalled),
)

/** Runs each as it is, with nobody deciding. Resolves to those of which nothing was seen: they would prove nothing of a rule. */
export async function unseenOf(cases: readonly BypassCase[], hosts: EffectsHosts): Promise<string[]> {
  const unseen = async (some: readonly BypassCase[]) => {
    const effects = await onEffectsHosts(
      hosts,
      some,
      async ({ command, keys }, host) => (await host.see((textOf) => textOf(command), keys)).effects,
    )
    return some.filter((_case, index) => effects[index]?.length === 0)
  }
  // Keys that were pressed too early are pressed again.
  return (await unseen(await unseen(cases))).map(({ command }) => command)
}
