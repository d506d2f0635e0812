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
  const judged = new Set<string>()
  for (const [index, { name, jump }] of hosts.entries()) {
    if (jump === undefined) continue
    const path = ['hosts', index, 'jump']
    if (!jumps.has(jump)) {
      const near = findSuggestion(jump, [...jumps.keys()])
      const hint = near === undefined ? 'write the name of another host' : `did you mean \`${near}\`?`
      review.problem(path, `no host is named \`${jump}\`: ${hint}`)
      continue
    }
    const circle = name === undefined ? undefined : findCircle(name, jumps, judged)
    if (circle === undefined) continue
    const way = [...circle, circle[0]].join(' → ')
    review.problem(path, `jump goes in a circle (${way}): one of these hosts must be reached directly`)
  }
}

/** The circle that the jumps from `name` on run into, unless one of its hosts was judged before. Each host is walked over once. */
function findCircle(name: string, jumps: Jumps, judged: Set<string>): readonly string[] | undefined {
  const way: string[] = []
  let here: string | undefined = name
  while (here !== undefined && !judged.has(here)) {
    judged.add(here)
    way.push(here)
    here = jumps.get(here)
  }
  const start = here === undefined ? -1 : way.indexOf(here)
  return start < 0 ? undefined : way.slice(start)
}
