import { type Action, type RunAction, usesSecrets } from '../../domain/call.ts'
import type { ActionClass } from '../../domain/decision.ts'
import type { FileAction } from '../../domain/file.ts'
import type { Host, HostName } from '../../domain/host.ts'
import type { CommandPart, Understanding } from '../understanding.ts'
import type { Place } from './match-path.ts'

/** One thing that a call needs to be allowed. A call has one or more of them; each is decided by itself. */
export interface Demand {
  readonly class: ActionClass
  readonly host: Host
  /** Rules about these classes that ask or deny hold for it as well: what it does may be of theirs. */
  readonly mayBe: readonly ActionClass[]
  readonly about: Subject
}

/** What the patterns of a rule are compared with. */
export type Subject =
  /** Nothing that a pattern could be about: a session. */
  | { readonly kind: 'nothing' }
  /** Whatever somebody types or a text says that nobody understood. */
  | { readonly kind: 'anything'; readonly why?: string }
  | { readonly kind: 'place'; readonly place: Place; readonly use: 'read' | 'write' }
  /** One program. */
  | { readonly kind: 'program'; readonly part: CommandPart }

export interface DemandContext {
  readonly hostOf: (name: HostName) => Host
  /** Of the command, where the action is one. */
  readonly understanding: Understanding | undefined
  /** Of the login, once the host has told. */
  readonly home: string | undefined
}

/** Everything that the call needs, in the order in which it is done. Empty for calls that touch no host by themselves. */
export function demandsOf(action: Action, context: DemandContext): readonly Demand[] {
  switch (action.kind) {
    case 'run':
      return ofCommand(context.hostOf(action.host), action, context.understanding)
    case 'describe_host':
      return [{ class: 'read', host: context.hostOf(action.host), mayBe: [], about: FACTS }]
    case 'open_session': {
      const isTerminal = action.terminal !== undefined
      return isTerminal ? [terminalOn(context.hostOf(action.host))] : [sessionOn(context.hostOf(action.host))]
    }
    case 'use_terminal':
      return [terminalOn(context.hostOf(action.host))]
    case 'close_session':
    case 'get_working_directory':
      return [sessionOn(context.hostOf(action.host))]
    case 'list_directory':
    case 'read_file':
    case 'write_file':
    case 'edit_file':
    case 'restore_file':
    case 'transfer_file':
      return ofFiles(action, context)
    // Whatever else names a host is denied: nothing is allowed of what needs nothing.
    default:
      return []
  }
}

/** Rules that name commands may name this one: without that, whoever asks for the facts would need every reading. */
const FACTS: Subject = {
  kind: 'program',
  part: { argv: [{ kind: 'text', text: 'describe_host' }], class: 'read', reads: [] },
}

/** An opaque command may hold any program, with any rights. */
export function opaque(host: Host, withSudo: boolean, why: string): Demand {
  return {
    class: withSudo ? 'sudo' : 'run',
    host,
    // guard: opaque-may-be-anything
    mayBe: ['read', 'run', 'sudo'],
    about: { kind: 'anything', why },
  }
}

function ofCommand(
  host: Host,
  action: RunAction,
  understanding: Understanding | undefined,
): readonly Demand[] {
  const withSudo = action.sudo === true
  if (understanding?.kind !== 'understood')
    return [opaque(host, withSudo, understanding?.why ?? 'it was not looked into')]
  return understanding.parts.map((part) => {
    const about = { kind: 'program', part } as const
    // Nobody has seen what it is given.
    // guard: secrets-are-never-read
    const own = part.class === 'read' && usesSecrets(action) ? 'run' : part.class
    return { class: withSudo ? 'sudo' : own, host, mayBe: classesMeant(part), about }
  })
}

/** What else a part may be. More than its words may decide what it does, and of which program they are, only the host may know. */
function classesMeant(part: CommandPart): readonly ActionClass[] {
  const { class: own, loose, startsNothing } = part
  const [program] = part.argv
  if (startsNothing) return []
  if (program?.kind !== 'text') return ['read', 'run', 'sudo']
  return own === 'read' || loose ? ['read'] : []
}

function sessionOn(host: Host): Demand {
  return { class: 'session', host, mayBe: [], about: { kind: 'nothing' } }
}

function terminalOn(host: Host): Demand {
  return { class: 'terminal', host, mayBe: [], about: { kind: 'anything' } }
}

function ofFiles(action: FileAction, context: DemandContext): readonly Demand[] {
  if (action.kind !== 'transfer_file') {
    const isRead = action.kind === 'read_file' || action.kind === 'list_directory'
    return touching(context.hostOf(action.host), isRead ? 'read' : 'write', action, context)
  }
  const { from, to } = action
  const ends = [
    { end: from, use: 'read' },
    { end: to, use: 'write' },
  ] as const
  return ends.flatMap(({ end, use }) => {
    if (end.kind === 'link') return []
    const host = context.hostOf(end.host)
    const about = { kind: 'place', place: placeOf(end.path, context), use } as const
    return [{ class: 'transfer', host, mayBe: [], about }, ...touching(host, use, end, context)]
  })
}

interface Touched {
  readonly path: string
  readonly sudo: boolean
}

function touching(
  host: Host,
  use: 'read' | 'write',
  { path, sudo }: Touched,
  context: DemandContext,
): readonly Demand[] {
  const about = { kind: 'place', place: placeOf(path, context), use } as const
  if (use === 'read') return [{ class: sudo ? 'sudo' : 'read', host, mayBe: ['read'], about }]
  // The answer shows what was there before.
  // guard: write-shows-what-was-there
  const write: Demand = { class: 'write', host, mayBe: ['read'], about }
  return sudo ? [write, { class: 'sudo', host, mayBe: ['read', 'write'], about }] : [write]
}

/** File tools begin relative paths at the home of the login. */
function placeOf(path: string, { home }: DemandContext): Place {
  const isWhole = path.startsWith('/') || path === '~' || path.startsWith('~/')
  return { path: isWhole ? path : `~/${path}`, ...(home !== undefined && { home }) }
}
