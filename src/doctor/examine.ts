import type { Check, Of } from './check.ts'
import { CHECKS } from './check-list.ts'
import { type Finding, pageOf, type Said } from './finding.ts'
import type { Look } from './look.ts'

/** What is looked at. */
export interface Scope {
  readonly look: Look
  /** Ids of clients. */
  readonly clients: readonly string[]
  /** Says what is being looked at, for what takes long; of hosts, how many of them are done. */
  readonly progress: (text: string, done?: number, total?: number) => void
}

/** How the subject of a finding about the token is called. */
export const TOKEN_SUBJECT = 'the token'

/** A host may take its whole time-out; more at once would be a burst that a firewall takes for a scan. */
const HOSTS_AT_ONCE = 8

/**
 * Makes every check that concerns the set-up, in the order of the list, and resolves to what was found. A check that needs another
 * which failed is told as skipped, with the name of the one to mend first.
 */
export async function examine({ look, clients, progress }: Scope): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const failed = new Map<string, string>()
  const { baseUrl, token, hosts } = look.settings

  const about = async (of: Of, subject: string, at = subject): Promise<readonly Finding[]> => {
    const found: Finding[] = []
    for (const check of CHECKS.filter((one) => one.of === of)) {
      const cause = causeOf(check, subject, baseUrl, failed)
      if (cause !== undefined) failed.set(keyOf(check.id, subject), cause)
      const said = cause === undefined ? await check.run(at, look) : []
      if (said.some(({ level }) => level === 'failure')) failed.set(keyOf(check.id, subject), check.id)
      found.push(...said.map((one) => withoutToken(findingOf(check.id, subject, one), token)))
      if (cause !== undefined) found.push(skipped(check, subject, cause))
    }
    return found
  }

  if (baseUrl !== undefined) {
    progress(`looking at ${baseUrl}`)
    findings.push(...(await about('bridge', baseUrl)))
    const issuers = await look.issuers()
    for (const issuer of issuers) {
      progress(`looking at ${issuer}`)
      findings.push(...(await about('issuer', issuer)))
    }
    // One after the other: each registers itself, and servers count registrations.
    for (const client of clients) {
      progress(`replaying ${client}`)
      findings.push(...(await about('client', client)))
    }
  }
  if (token !== undefined && baseUrl !== undefined) findings.push(...(await about('token', TOKEN_SUBJECT)))
  const names = hosts?.names ?? []
  if (names.length > 0) progress(`looking at ${names.length === 1 ? names[0] : `${names.length} hosts`}`)
  let done = 0
  const aboutHost = async (name: string) => {
    const found = await about('host', name)
    done += 1
    progress(`looking at ${names.length} hosts`, done, names.length)
    return found
  }
  findings.push(...(await eachAtMost(HOSTS_AT_ONCE, names, aboutHost)).flat())
  return findings
}

/** The check that failed and has to be mended first. */
function causeOf(
  check: Check,
  subject: string,
  bridge: string | undefined,
  failed: ReadonlyMap<string, string>,
): string | undefined {
  for (const need of check.needs ?? []) {
    const cause = failed.get(keyOf(need, subject)) ?? (bridge && failed.get(keyOf(need, bridge)))
    if (cause) return cause
  }
  return undefined
}

function keyOf(check: string, subject: string): string {
  return `${check}\n${subject}`
}

function findingOf(check: string, subject: string, said: Said): Finding {
  return { check, level: said.level, subject, what: said.what, ...rest(said), page: pageOf(check) }
}

function rest(said: Said): Pick<Finding, 'why' | 'fix'> {
  return {
    ...(said.why !== undefined && { why: said.why }),
    ...(said.level !== 'ok' && { fix: said.fix }),
  }
}

/** Headers of a server may repeat what it was sent, too. */
function withoutToken(finding: Finding, token: string | undefined): Finding {
  if (token === undefined) return finding
  const clean = (text: string | undefined) => text?.replaceAll(token, '[token]')
  const [why, fix] = [clean(finding.why), clean(finding.fix)]
  return {
    ...finding,
    what: clean(finding.what) ?? '',
    ...(why !== undefined && { why }),
    ...(fix !== undefined && { fix }),
  }
}

function skipped({ id }: Check, subject: string, cause: string): Finding {
  return {
    check: id,
    level: 'note',
    subject,
    what: `Not looked at, because ${cause} failed.`,
    fix: `Mend ${cause} first, then run doctor again.`,
    page: pageOf(id),
    skipped: true,
  }
}

async function eachAtMost<In, Out>(
  most: number,
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = []
  let next = 0
  const worker = async () => {
    while (next < all.length) {
      const at = next
      next += 1
      results[at] = await work(all[at] as In)
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker))
  return results
}
