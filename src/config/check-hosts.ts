import { whereText } from './problem.ts'
import type { Review } from './review.ts'
import type { HostDraft } from './schema.ts'
import { findSuggestion } from './suggest.ts'

/** The host that each host goes through, by name. Undefined: reached directly. */
export type Jumps = ReadonlyMap<string, string | undefined>

/** The checks between hosts: names once, jumps that lead somewhere. `imported` are those of `ssh_config`. */
export function checkHosts(hosts: readonly HostDraft[], imported: Jumps, review: Review): void {
  const first = new Map<string, number>()
  for (const [index, { name }] of hosts.entries()) {
    if (name === undefined) continue
    const before = first.get(name)
    if (before === undefined) first.set(name, index)
    else {
      const place = whereText(review.where(['hosts', before, 'name']))
      const what = `host name \`${name}\` is already taken at ${place}: give one of the two another name`
      review.problem(['hosts', index, 'name'], what)
    }
  }
  const configured = [...first].map(([name, index]) => [name, hosts[index]?.jump] as const)
  checkJumps(hosts, new Map([...imported, ...configured]), review)
}

function checkJumps(hosts: readonly HostDraft[], jumps: Jumps, review: Review): void {
  const reported = new Set<string>()
  for (const [index, { name, jump }] of hosts.entries()) {
    if (jump === undefined) continue
    const path = ['hosts', index, 'jump']
    if (!jumps.has(jump)) {
      const near = findSuggestion(jump, [...jumps.keys()])
      const hint = near === undefined ? 'write the name of another host' : `did you mean \`${near}\`?`
      review.problem(path, `no host is named \`${jump}\`: ${hint}`)
      continue
    }
    const circle = name === undefined ? undefined : findCircle(name, jumps)
    if (circle === undefined || circle.some((step) => reported.has(step))) continue
    for (const step of circle) reported.add(step)
    const way = [...circle, name].join(' → ')
    review.problem(path, `jump goes in a circle (${way}): one of these hosts must be reached directly`)
  }
}

/** The hosts from `name` on, when their jumps lead back to it. */
function findCircle(name: string, jumps: Jumps): readonly string[] | undefined {
  const seen = new Set([name])
  let here = jumps.get(name)
  while (here !== undefined && !seen.has(here)) {
    seen.add(here)
    here = jumps.get(here)
  }
  return here === name ? [...seen] : undefined
}
