import type { CommandId } from '../../domain/command.ts'
import type { FanOutGroup, FanOutReport } from '../../domain/fan-out.ts'
import type { HostName } from '../../domain/host.ts'
import { type Excerpt, excerptBytes, excerptOf, excerptText } from './excerpt.ts'
import type { FanOutResult, HostResult } from './host-result.ts'

/** The most of one group's output in an answer, and of all groups' together. */
const GROUP_BYTES = 2 * 1024
const TOTAL_BYTES = 24 * 1024
/** As many groups are told whatever their size; more only while all that is told of them stays within the total. */
const SURE_GROUPS = 20
/** What a group takes beside its output. */
const GROUP_OVERHEAD_BYTES = 100

type Member = { readonly host: HostName; readonly command: CommandId }

interface Folded {
  result: FanOutResult
  /** The result as it reads for several hosts: their names left out of it. */
  readonly shared: FanOutResult
  readonly members: Member[]
  readonly excerpt: Excerpt
  readonly outputBytes: number
  readonly truncated: boolean
}

type Told = Pick<FanOutReport, 'groups' | 'omittedGroups' | 'omittedHosts'>

/** Hosts of which the same came out, folded as they come. Of each group a short excerpt is held, however long its output was. */
export class Folding {
  readonly #groups = new Map<string, Folded>()

  add({ host, command, result, output, outputBytes, truncated, digest }: HostResult): void {
    const shared = nameless(result, host)
    const key = `${JSON.stringify(shared)}\n${digest}`
    const group = this.#groups.get(key)
    if (group === undefined) {
      const excerpt = excerptOf(output, truncated ? outputBytes : 0, GROUP_BYTES)
      this.#groups.set(key, { result, shared, members: [{ host, command }], excerpt, outputBytes, truncated })
    } else {
      group.result = shared
      group.members.push({ host, command })
    }
  }

  /** What differs first, then the successes, the largest group before the others; as many as an answer may hold. */
  told(): Told {
    const all = [...this.#groups.values()]
    for (const { members } of all) members.sort((a, b) => (a.host < b.host ? -1 : 1))
    all.sort((a, b) => rank(a.result) - rank(b.result) || b.members.length - a.members.length || byHost(a, b))
    const chosen = choose(all)
    const outputLimit = levelOf([...chosen].map(({ excerpt }) => excerptBytes(excerpt)))
    const omitted = all.filter((group) => !chosen.has(group))
    return {
      groups: all.filter((group) => chosen.has(group)).map((group) => tell(group, outputLimit)),
      omittedGroups: omitted.length,
      omittedHosts: omitted.flatMap(({ members }) => members),
    }
  }
}

function tell({ result, members, excerpt, outputBytes, truncated }: Folded, limitBytes: number): FanOutGroup {
  const { text, isCut } = excerptText(excerpt, limitBytes)
  return {
    hosts: members.map(({ host }) => host),
    commands: members.map(({ command }) => command),
    result,
    output: text,
    outputBytes,
    truncated: isCut || truncated,
  }
}

/** The largest success always, then the groups in their order as long as there is room. */
function choose(all: readonly Folded[]): ReadonlySet<Folded> {
  const largest = all.find(({ result }) => isSuccess(result))
  const chosen = new Set<Folded>()
  let bytes = 0
  for (const group of largest ? [largest, ...all] : all) {
    if (chosen.has(group)) continue
    bytes += excerptBytes(group.excerpt) + GROUP_OVERHEAD_BYTES
    if (chosen.size >= SURE_GROUPS && bytes > TOTAL_BYTES) break
    chosen.add(group)
  }
  return chosen
}

/** The most that each may have so that all stay within the total: what short ones leave is shared by the long ones. */
function levelOf(sizes: readonly number[]): number {
  let rest = TOTAL_BYTES
  const ascending = [...sizes].sort((a, b) => a - b)
  for (const [index, size] of ascending.entries()) {
    const share = rest / (ascending.length - index)
    if (size > share) return Math.floor(share)
    rest -= size
  }
  return GROUP_BYTES
}

function isSuccess(result: FanOutResult): boolean {
  return result.kind === 'exited' && result.code === 0
}

const RANKS: Record<FanOutResult['kind'], number> = {
  exited: 0,
  killed: 1,
  timed_out: 2,
  unknown: 3,
  cancelled: 4,
  unreachable: 5,
  denied: 6,
}

function rank(result: FanOutResult): number {
  return isSuccess(result) ? Number.MAX_SAFE_INTEGER : RANKS[result.kind]
}

function byHost(a: Folded, b: Folded): number {
  return (a.members[0]?.host ?? '') < (b.members[0]?.host ?? '') ? -1 : 1
}

/** Most reasons name the host: hosts to which the same happened would each be a group of one. */
function nameless(result: FanOutResult, host: HostName): FanOutResult {
  if (!('reason' in result)) return result
  const name = host.replaceAll('.', '\\.')
  const whole = new RegExp(`(?<![A-Za-z0-9._-])${name}(?![A-Za-z0-9_-]|\\.[A-Za-z0-9])`, 'g')
  return { ...result, reason: result.reason.replace(whole, 'HOST') }
}
