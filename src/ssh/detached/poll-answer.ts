import type { OutputStream } from '../../domain/command.ts'
import { isCommandId } from '../../domain/command.ts'

/** What a host says of one run. */
export interface RunReport {
  readonly state: RemoteState
  /** The process group of the command; absent until it began. */
  readonly processGroup?: number
  /** Of the process that stays with the command; `orphan`: it is gone, and the command is not. */
  readonly supervisor: 'up' | 'orphan' | 'dead' | 'rebooted' | 'none'
  readonly room: Readonly<Record<OutputStream, Room>>
  readonly pieces: Readonly<Record<OutputStream, readonly Piece[]>>
}

export type RemoteState =
  /** `changing`: between two names. `dropped`: it never began and cannot any more. `not_run`: the host could not start it. */
  | { readonly kind: 'gone' | 'changing' | 'waiting' | 'running' | 'dropped' | 'not_run' }
  | {
      readonly kind: 'ended'
      readonly status: number
      /** It died of the signal `status - 128`. */
      readonly wasKilled: boolean
      readonly bytes: Readonly<Record<OutputStream, number>>
      readonly seconds: number
    }

/** Whether all that was printed could be kept; `lostBytes` absent: more than is known. */
export type Room = { readonly kind: 'whole' } | { readonly kind: 'cut'; readonly lostBytes?: number }

export interface Piece {
  readonly offset: number
  readonly bytes: Buffer
}

export interface PollAnswer {
  readonly runs: ReadonlyMap<string, RunReport>
  /** Could not be removed. */
  readonly kept: readonly string[]
}

const STREAMS: Readonly<Record<string, OutputStream>> = { out: 'stdout', err: 'stderr' }

/** Reads what `pollScript` printed. Undefined when it is not whole: nothing of it counts then. */
export function readPollAnswer(said: Buffer, nonce: string): PollAnswer | undefined {
  const runs = new Map<string, Writable>()
  const kept: string[] = []
  const mark = Buffer.from(`\n${nonce} `)
  for (let at = said.indexOf(mark); at >= 0; ) {
    const lineEnd = said.indexOf(0x0a, at + mark.length)
    if (lineEnd < 0) return undefined
    const [kind, id = '', ...rest] = said.toString('latin1', at + mark.length, lineEnd).split(' ')
    const next = said.indexOf(mark, lineEnd + 1)
    if (kind === 'end') return { runs, kept }
    if (kind === 'kept') kept.push(id)
    else if (kind === 'run' && isCommandId(id)) runs.set(id, readRun(rest))
    else if (kind === 'data') {
      const stream = STREAMS[rest[0] ?? '']
      const bytes = said.subarray(lineEnd + 1, next < 0 ? said.length : next)
      if (stream !== undefined) runs.get(id)?.pieces[stream].push({ offset: Number(rest[1]), bytes })
    }
    at = next
  }
  return undefined
}

interface Writable extends RunReport {
  readonly pieces: Readonly<Record<OutputStream, Piece[]>>
}

function readRun([state = '', leader = '', alive = '', out = '', err = '']: readonly string[]): Writable {
  const group = Number(/^leader\.(\d+)\./.exec(leader)?.[1])
  return {
    state: readState(state),
    // To kill(2), 0 is the caller's own group and -1 is everybody.
    ...(group > 1 && { processGroup: group }),
    supervisor:
      alive === 'up' || alive === 'orphan' || alive === 'dead' || alive === 'rebooted' ? alive : 'none',
    room: { stdout: readRoom(out), stderr: readRoom(err) },
    pieces: { stdout: [], stderr: [] },
  }
}

function readState(name: string): RemoteState {
  const [, word = '', status, killed, stdout, stderr, seconds] = name.split('.')
  switch (word) {
    case 'wait':
      return { kind: 'waiting' }
    case 'begun':
      return { kind: 'running' }
    case 'dropped':
      return { kind: 'dropped' }
    case 'norun':
      return { kind: 'not_run' }
    case 'ended':
      return {
        kind: 'ended',
        status: Number(status),
        wasKilled: killed === '1',
        bytes: { stdout: Number(stdout), stderr: Number(stderr) },
        seconds: Math.max(0, Number(seconds)),
      }
    default:
      return { kind: name === 'gone' ? 'gone' : 'changing' }
  }
}

function readRoom(name: string): Room {
  const [word, lost] = name.split('.')
  if (word === 'room' || word === '-' || word === '') return { kind: 'whole' }
  return lost === undefined ? { kind: 'cut' } : { kind: 'cut', lostBytes: Number(lost) }
}
