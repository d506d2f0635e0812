import { hostName } from '../../src/domain/host.ts'
import type { RecordingId } from '../../src/domain/recording.ts'
import type { KeptRecording, RecordingShelf } from '../../src/domain/recording-reading.ts'

const sha256 = 'ab'.repeat(32)

export const keptRecording: KeptRecording = {
  id: 'rec_AAAAAAAAAAAAAAAAAAAAAA' as RecordingId,
  kind: 'command',
  call: 'call_AAAAAAAAAAAAAAAAAAAAAA',
  person: '["https://idp.example.com/","u1"]',
  name: 'user@example.com',
  host: hostName('web-server'),
  startedAt: new Date('2026-01-01T10:00:00Z'),
  endedAt: new Date('2026-01-01T10:00:09Z'),
  end: { state: 'complete', bytes: 30, pieces: 2, sha256, storedBytes: 20, storedSha256: sha256 },
  keyId: undefined,
}

/** It is kept, and cannot be opened. */
export const lockedRecording: KeptRecording = {
  ...keptRecording,
  id: 'rec_BBBBBBBBBBBBBBBBBBBBBB' as RecordingId,
  keyId: '0123456789abcdef',
}

const PIECES = ['{"version":3}\n', '[0, "o", "up"]\n']

/** Two recordings, one of two pieces, each a page; the other's key is missing. */
export const smallShelf: RecordingShelf = {
  list: async ({ limit }) => [lockedRecording, keptRecording].slice(0, limit),
  find: async (id) => [lockedRecording, keptRecording].find((one) => one.id === id),
  async castOf({ keyId }, after) {
    if (keyId !== undefined) return { unreadable: 'its key is missing' }
    const text = PIECES[after]
    return text === undefined ? { text: '' } : { text, last: after + 1 }
  },
}
