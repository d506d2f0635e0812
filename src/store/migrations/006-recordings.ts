import type { Migration } from '../sql/migrate.ts'

/**
 * Recordings in pieces of whole lines. Without an end, one is being written by its instance.
 */
export const recordings: Migration = {
  version: 6,
  name: 'recordings',
  both: [
    `CREATE TABLE recordings (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, call TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL,
      instance TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, state TEXT, why TEXT, key_id TEXT,
      bytes BIGINT, pieces BIGINT, sha256 TEXT, stored_bytes BIGINT, stored_sha256 TEXT)`,
    'CREATE INDEX recordings_started ON recordings (started_at, id)',
    'CREATE INDEX recordings_call ON recordings (call)',
    'CREATE INDEX recordings_open ON recordings (instance) WHERE ended_at IS NULL',
    `CREATE TABLE recording_pieces (
      recording TEXT NOT NULL, n BIGINT NOT NULL, bytes {bytes} NOT NULL, PRIMARY KEY (recording, n))`,
  ],
}
