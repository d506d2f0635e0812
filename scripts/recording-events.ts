import type { AuditEvent } from '../src/domain/audit.ts'
import { hostName } from '../src/domain/host.ts'
import type { RecordingId } from '../src/domain/recording.ts'

type RecordingEvent = Extract<AuditEvent, { type: `recording.${string}` }>

const at = new Date('2026-01-02T03:04:05.678Z')
const recording = {
  id: 'rec_AAAAAAAAAAAAAAAAAAAAAA' as RecordingId,
  kind: 'command',
  call: 'call_AAAAAAAAAAAAAAAAAAAAAA',
  person: '["https://idp.example.com/","user-1"]',
  name: 'user@example.com',
  host: hostName('web-server'),
  startedAt: at,
} as const
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const sums = { bytes: 4_096, pieces: 2, sha256, storedBytes: 1_024, storedSha256: sha256 }

/** One of each event of recordings, for docs/AUDIT.md. */
export const RECORDING_EXAMPLES: {
  readonly [Type in RecordingEvent['type']]: readonly [
    means: string,
    event: Extract<AuditEvent, { type: Type }>,
  ]
} = {
  'recording.started': [
    'What is shown is recorded from here on; on record before anything is run. `call` is the one that runs the command, or that opened the terminal.',
    { type: 'recording.started', at, recording, isEncrypted: true },
  ],
  'recording.finished': [
    'A recording has ended: `complete`; `full`, at the size it may have; `broken`, because it could not be written any further while the command went on; `cut`, because the instance that wrote it is gone, or stopped while a detached command went on. `sha256` is that of the asciicast, `stored_sha256` that of the pieces as they are kept, one after the other. Without the key a `cut` one has no `sha256`.',
    { type: 'recording.finished', at, recording, end: { ...sums, state: 'complete' } },
  ],
  'recording.read': [
    'Somebody is given what it shows: to `play`, to `export`, or to `verify` it. On record before they are. `by_call` is the call by which it is read over REST, page by page; at the command line there is none.',
    { type: 'recording.read', at, recording, how: 'play', edge: 'cli', by: 'operator at the command line' },
  ],
  'recording.removed': [
    'A recording was kept as long as `recording.retention` says, and is removed.',
    { type: 'recording.removed', at, recording, sha256 },
  ],
}
