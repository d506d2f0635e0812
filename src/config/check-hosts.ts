import { whereText } from './problem.ts'
import type { Review } from './review.ts'
import type { HostDraft } from './schema.ts'

/** The checks between the keys of a host, and between hosts. `imported` are the names that `ssh_config` brings. */
export function checkHosts(hosts: readonly HostDraft[], imported: ReadonlySet<string>, review: Review): void {
  const first = new Map<string, number>()
  for (const [index, { name }] of hosts.entries()) {
    if (name === undefined) continue
    const before = first.get(name)
    if (before === undefined) first.set(name, index)
    else {
      const place = whereText(review.where(['hosts', before, 'name']))
      review.problem(
        ['hosts', index, 'name'],
        `host name \`${name}\` is already taken at ${place}: give one of the two another name`,
      )
    }
  }
  for (const [index, host] of hosts.entries()) checkCredential(host, index, review)
  checkJumps(hosts, first, imported, review)
}

function checkCredential(host: HostDraft, index: number, review: Review): void {
  const path = ['hosts', index]
  const kinds = (['private_key_path', 'password', 'agent'] as const).filter(
    (key) => host[key] !== undefined && host[key] !== false,
  )
  const isBroken = ['private_key_path', 'password', 'agent'].some((key) => review.isBroken([...path, key]))
  if (kinds.length === 0 && !isBroken)
    review.problem(
      path,
      `host ${host.name === undefined ? index + 1 : `\`${host.name}\``} has no credential: add private_key_path, password or agent: true`,
    )
  if (host.passphrase !== undefined && host.private_key_path === undefined && !isBroken)
    review.problem([...path, 'passphrase'], 'a passphrase belongs to a key: add private_key_path')
  if (kinds.length > 1 && host.name !== undefined)
    review.warn(`Host ${host.name} has ${kinds.join(' and ')}: only ${kinds[0]} is used.`)
  if (host.password !== undefined && host.password.length < 6 && host.name !== undefined)
    review.warn(`The password of host ${host.name} is too short to be redacted from output.`)
}

function checkJumps(
  hosts: readonly HostDraft[],
  named: ReadonlyMap<string, number>,
  imported: ReadonlySet<string>,
  review: Review,
): void {
  const reported = new Set<string>()
  for (const [index, { name, jump }] of hosts.entries()) {
    if (jump === undefined) continue
    const path = ['hosts', index, 'jump']
    if (!named.has(jump) && !imported.has(jump)) {
      review.problem(path, `jump names no host: write the \`name\` of another host of this file`)
      continue
    }
    const cycle = name === undefined ? undefined : findCycle(name, hosts, named)
    if (cycle === undefined || cycle.some((step) => reported.has(step))) continue
    for (const step of cycle) reported.add(step)
    review.problem(
      path,
      `jump goes in a circle (${[...cycle, name].join(' → ')}): one of them must be reached directly`,
    )
  }
}

/** The hosts from `name` on, when their jumps lead back to it. */
function findCycle(
  name: string,
  hosts: readonly HostDraft[],
  named: ReadonlyMap<string, number>,
): readonly string[] | undefined {
  const seen = new Set([name])
  let here = jumpOf(name, hosts, named)
  while (here !== undefined && !seen.has(here)) {
    seen.add(here)
    here = jumpOf(here, hosts, named)
  }
  return here === name ? [...seen] : undefined
}

function jumpOf(
  name: string,
  hosts: readonly HostDraft[],
  named: ReadonlyMap<string, number>,
): string | undefined {
  const index = named.get(name)
  return index === undefined ? undefined : hosts[index]?.jump
}
