/** The parts of the bridge's results that are shown, read from whatever came: nothing is taken for granted. */

export interface Group {
  readonly hosts: readonly string[]
  readonly count: number
  readonly success: boolean
  readonly ending: string
  readonly reason: string
  readonly output: string
  readonly isCut: boolean
  readonly commandIds: readonly string[]
}

export interface FanOut {
  readonly command: string
  readonly success: boolean
  readonly selected: number
  readonly counts: readonly (readonly [kind: string, count: number])[]
  readonly groups: readonly Group[]
  readonly omitted: readonly { readonly host: string; readonly commandId: string }[]
  readonly skipped: readonly string[]
}

export interface CommandStanding {
  readonly commandId: string
  readonly host: string
  readonly command: string
  readonly state: string
  readonly exitStatus: number | undefined
  readonly signal: string
  readonly reason: string
  readonly notice: string
  readonly approvalUrl: string
  readonly output: string
  readonly isCut: boolean
  /** Of a page: where the next one begins, and whether there is one. */
  readonly nextOffset: number | undefined
  readonly hasMore: boolean
}

type Members = Readonly<Record<string, unknown>>

export function fanOutOf(body: Members): FanOut | undefined {
  if (!Array.isArray(body.groups)) return undefined
  const { counts } = body
  return {
    command: text(body.command),
    success: body.success === true,
    selected: number(body.selected) ?? 0,
    counts: Object.entries(isMembers(counts) ? counts : {}).flatMap(([kind, count]) =>
      typeof count === 'number' && count > 0 ? [[kind, count] as const] : [],
    ),
    groups: body.groups.filter(isMembers).map(groupOf),
    omitted: list(body.omitted)
      .filter(isMembers)
      .map((one) => ({ host: text(one.host), commandId: text(one.command_id) })),
    skipped: list(body.skipped).map(text),
  }
}

function groupOf(group: Members): Group {
  const code = text(group.code)
  const ending =
    group.exit_status === null || group.exit_status === undefined
      ? [text(group.outcome).replaceAll('_', ' '), text(group.signal)].filter(Boolean).join(' ')
      : `exit ${String(group.exit_status)}`
  return {
    hosts: list(group.hosts).map(text),
    count: number(group.count) ?? 0,
    success: group.success === true,
    ending: code === 'approval_required' ? 'waits for approval' : ending,
    reason: text(group.reason),
    output: text(group.output),
    isCut: group.truncated === true,
    commandIds: list(group.command_ids).map(text),
  }
}

export function commandOf(body: Members): CommandStanding | undefined {
  if (typeof body.command_id !== 'string' || typeof body.state !== 'string') return undefined
  return {
    commandId: body.command_id,
    host: text(body.host),
    command: text(body.command),
    state: body.state,
    exitStatus: number(body.exit_status),
    signal: text(body.signal),
    reason: text(body.outcome_reason),
    notice: text(body.notice),
    approvalUrl: text(body.approval_url),
    output: text(body.output),
    isCut: body.truncated === true,
    nextOffset: number(body.next_offset),
    hasMore: body.has_more === true,
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
