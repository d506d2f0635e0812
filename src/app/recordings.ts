import type { Config } from '../config/config.ts'
import type { Hosts } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { Meter } from '../domain/meter.ts'
import type { RecordingShelf } from '../domain/recording-reading.ts'
import type { RecordTerminal } from '../domain/terminal-tape.ts'
import type { Clock } from '../lib/clock.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { Recorder } from '../pipeline/recording/recorder.ts'
import { redactorForRecording } from '../pipeline/secrets/redactor-for.ts'
import { RecordingKeeper } from '../store/recording-keeper.ts'
import { NoSuchKey, RecordingReader } from '../store/recording-reader.ts'
import { RecordingRows } from '../store/recording-rows.ts'
import { PLAIN, sealWith, UnreadablePiece } from '../store/recording-seal.ts'
import type { Store } from './open-store.ts'

interface RecordingsNeed {
  readonly config: () => Config
  readonly store: Pick<Store, 'database' | 'membership' | 'audit'>
  readonly hosts: Hosts
  /** Made after this: asked when something is recorded. */
  readonly parts: () => Pick<Bridge, 'redactor' | 'secrets'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** Until it aborts, what others left is closed, and what is old is removed. */
  readonly signal: AbortSignal
}

export interface Recordings {
  readonly recorder: Recorder
  readonly shelf: RecordingShelf
  readonly recordTerminal: RecordTerminal
}

/** What is recorded as configured now, into the database that all instances share. */
export function openRecordings(need: RecordingsNeed): Recordings {
  const { config, hosts, parts, clock, log, meter } = need
  const { database, membership, audit } = need.store
  const instance = () => membership.id
  const rules = () => config().recording
  const rows = new RecordingRows(database, instance, () => sealOf(rules().encryptionKey))
  const reader = new RecordingReader(database, () => rules().keys)
  const redactorFor = (call: Parameters<typeof redactorForRecording>[0]) =>
    redactorForRecording(call, parts())
  const recorder = new Recorder({ store: rows, audit, hosts, redactorFor, rules, clock, log, meter })
  const keeper = new RecordingKeeper({
    ...{ database, instance, reader, store: rows, audit, clock, log, meter },
    open: () => recorder.openIds,
    retentionMs: () => rules().retentionMs,
  })
  void keeper.follow(need.signal)
  return {
    recorder,
    shelf: shelfOf(reader),
    async recordTerminal(call, size) {
      const tape = await recorder.begin(call, 'terminal', size)
      if (tape === undefined || 'kind' in tape) return tape
      const { typed, resized, end } = tape
      return { typed, resized, end, output: (chunk) => tape.output('stdout', chunk) }
    },
  }
}

/** The same reader for those who ask by a call. */
function shelfOf(reader: RecordingReader): RecordingShelf {
  return {
    list: (filter) => reader.list(filter),
    find: (id) => reader.find(id),
    castOf: (recording, after) =>
      reader.pageOf(recording, after).catch((cause: unknown) => {
        if (cause instanceof NoSuchKey || cause instanceof UnreadablePiece)
          return { unreadable: cause.message }
        throw cause
      }),
  }
}

function sealOf(key: string | undefined) {
  return key === undefined ? PLAIN : sealWith(key)
}
