import type { AuditLog } from '../../domain/audit.ts'
import { type Call, hostOf } from '../../domain/call.ts'
import type { Host, Hosts } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { Meter } from '../../domain/meter.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { principalKey, principalName } from '../../domain/principal.ts'
import type {
  RecordingFacts,
  RecordingId,
  RecordingKind,
  RecordingState,
  RecordingStore,
  RecordingWriter,
} from '../../domain/recording.ts'
import { type TerminalSize, USUAL_TERMINAL } from '../../domain/terminal.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { headerLine } from './asciicast.ts'
import { Tape } from './tape.ts'

export interface RecordingRules {
  readonly records: (host: Pick<Host, 'name' | 'tags'>, kind: RecordingKind) => boolean
  /** What is to be recorded and cannot be is not begun. */
  readonly required: boolean
  readonly mostBytes: number
}

export interface RecorderOptions {
  readonly store: RecordingStore
  readonly audit: AuditLog
  readonly hosts: Hosts
  readonly redactorFor: (call: Call) => Redactor
  readonly rules: () => RecordingRules
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** A recording while it is made, and its end, which is on record. */
export interface OwnTape extends Pick<Tape, 'output' | 'typed' | 'resized'> {
  end(how?: { readonly exitStatus?: number; readonly why?: string; readonly isCut?: boolean }): Promise<void>
}

/** Begins recordings of what is configured to be recorded, and sees them to their end. The caller has no say in it. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #open = new Map<RecordingId, Promise<void>>()

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  get openIds(): ReadonlySet<RecordingId> {
    return new Set(this.#open.keys())
  }

  /** Undefined where nothing is to be recorded. Otherwise a tape, once its beginning is durable, or why what was asked must not begin. */
  begin(
    call: Call,
    kind: RecordingKind,
    size: TerminalSize = USUAL_TERMINAL,
  ): Promise<OwnTape | NotStarted | undefined> | undefined {
    const { hosts, rules } = this.#options
    const name = hostOf(call.action)
    const host = name && hosts.find(name)
    return host !== undefined && rules().records(host, kind)
      ? this.#beginOr(call, kind, host, size)
      : undefined
  }

  /** Resolves when every recording has ended, once what they are of has. */
  async settled(): Promise<void> {
    await Promise.all(this.#open.values())
  }

  async #beginOr(call: Call, kind: RecordingKind, host: Host, size: TerminalSize) {
    const { rules, log, meter } = this.#options
    try {
      return await this.#begin(call, kind, host, size)
    } catch (cause) {
      log.error('A recording could not be begun', { call: call.id, cause: String(cause) })
      meter.recording?.('refused', 0)
      // guard: not-recorded-not-run
      return rules().required ? notRecorded(host) : undefined
    }
  }

  async #begin(call: Call, kind: RecordingKind, { name: host }: Host, size: TerminalSize): Promise<OwnTape> {
    const { store, audit, redactorFor, rules, clock, log, meter } = this.#options
    const facts: RecordingFacts = {
      id: randomId('rec') as RecordingId,
      kind,
      call: call.id,
      person: principalKey(call.principal),
      name: principalName(call.principal),
      host,
      startedAt: clock.now(),
    }
    const redactor = () => redactorFor(call)
    const command = call.action.kind === 'run' ? redactor().redact(call.action.command).text : undefined
    const title = kind === 'terminal' ? `Terminal on ${host}` : `Command on ${host}`
    const started = { type: 'recording.started', at: facts.startedAt, recording: facts } as const
    const { isEncrypted } = store
    const [writer] = await Promise.all([store.begin(facts), audit.append({ ...started, isEncrypted })])
    let why: string | undefined
    const tape = new Tape({
      writer,
      header: headerLine({
        size,
        startedAt: facts.startedAt,
        title,
        ...(command !== undefined && { command }),
      }),
      redactor,
      clock,
      mostBytes: rules().mostBytes,
      isPiped: kind === 'command',
      onBroken: (cause) => {
        why = 'it could not be written any further'
        log.error('A recording is broken off; what it is of goes on', {
          recording: facts.id,
          cause: String(cause),
        })
      },
    })
    await tape.begun()
    if (why !== undefined) throw new Error(why)
    meter.recording?.('started', 0)
    let over = () => {}
    this.#open.set(facts.id, new Promise((resolve) => (over = resolve)))
    let ending: Promise<void> | undefined
    return {
      output: (stream, chunk) => tape.output(stream, chunk),
      typed: (text) => tape.typed(text),
      resized: (size_) => tape.resized(size_),
      end: (how = {}) => {
        ending ??= tape
          .end(how)
          .then((state) => this.#ended(facts, writer, how.isCut ? 'cut' : state, how.isCut ? how.why : why))
          .finally(() => {
            this.#open.delete(facts.id)
            over()
          })
        return ending
      },
    }
  }

  /** On record first: a recording that is closed without that would be one whose digest nobody vouches for. */
  async #ended(
    recording: RecordingFacts,
    writer: RecordingWriter,
    state: RecordingState,
    why?: string,
  ): Promise<void> {
    const { store, audit, clock, log, meter } = this.#options
    const at = clock.now()
    const { sums } = writer
    const end = { ...sums, state, ...(why !== undefined && { why }) }
    meter.recording?.(state, sums.storedBytes)
    try {
      // guard: recordings-end-once
      if (!(await writer.isOwn())) return
      await audit.append({ type: 'recording.finished', at, recording, end })
      await store.close(recording.id, end, at)
    } catch (cause) {
      // The next look of whoever closes what was left finds it.
      log.error('The end of a recording is not on record', { recording: recording.id, cause: String(cause) })
    }
  }
}

function notRecorded({ name }: Pick<Host, 'name'>): NotStarted {
  const message = `What is done on ${name} has to be recorded, and the recording could not be begun. Nothing was run, so it is safe to try again.`
  return { kind: 'not_started', code: 'recording_unavailable', message }
}
