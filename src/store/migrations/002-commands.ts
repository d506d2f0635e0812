import type { Migration } from '../sql/migrate.ts'

/**
 * A command belongs to the instance that runs it or keeps it. Its output lies in pieces: `bytes` in the order in which they came, and
 * where each piece begins in either stream and in both together. `frames` tells, where a piece has bytes of both streams, how many of the one
 * and of the other follow each other, standard output first.
 *
 * Of the sessions of somebody on a host no two have the same `slot`: '' is the default one. `held_by` is the instance in which a call is in
 * it just now.
 */
export const commands: Migration = {
  version: 2,
  name: 'commands, changes, sessions',
  both: [
    `CREATE TABLE commands (
      id TEXT PRIMARY KEY, owner TEXT NOT NULL, instance TEXT NOT NULL, idempotency TEXT,
      started_at BIGINT NOT NULL, ended_at BIGINT, record TEXT NOT NULL)`,
    'CREATE UNIQUE INDEX commands_idempotency ON commands (owner, idempotency) WHERE idempotency IS NOT NULL',
    'CREATE INDEX commands_instance ON commands (instance)',
    'CREATE INDEX commands_ended ON commands (ended_at) WHERE ended_at IS NOT NULL',
    `CREATE TABLE command_output (
      command TEXT NOT NULL, at BIGINT NOT NULL, stdout_at BIGINT NOT NULL, stderr_at BIGINT NOT NULL,
      stdout_bytes INTEGER NOT NULL, stderr_bytes INTEGER NOT NULL, frames TEXT NOT NULL, bytes {bytes} NOT NULL,
      PRIMARY KEY (command, at))`,
    'CREATE INDEX command_output_stdout ON command_output (command, stdout_at) WHERE stdout_bytes > 0',
    'CREATE INDEX command_output_stderr ON command_output (command, stderr_at) WHERE stderr_bytes > 0',
    `CREATE TABLE changes (
      id TEXT PRIMARY KEY, owner TEXT NOT NULL, at BIGINT NOT NULL, bytes BIGINT NOT NULL, record TEXT NOT NULL)`,
    'CREATE INDEX changes_owner ON changes (owner, at, bytes)',
    'CREATE INDEX changes_at ON changes (at)',
    `CREATE TABLE change_content (
      change TEXT NOT NULL, number INTEGER NOT NULL, bytes {bytes} NOT NULL, PRIMARY KEY (change, number))`,
    `CREATE TABLE sessions (
      id TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, slot TEXT NOT NULL, created_at BIGINT NOT NULL,
      last_used_at BIGINT NOT NULL, held_by TEXT, held_until BIGINT, record TEXT NOT NULL, state TEXT)`,
    'CREATE UNIQUE INDEX sessions_slot ON sessions (owner, host, slot)',
    'CREATE INDEX sessions_used ON sessions (last_used_at)',
  ],
  // Output is bytes that hardly get smaller, and nobody waits for it to.
  postgres: [
    'ALTER TABLE command_output ALTER COLUMN bytes SET STORAGE EXTERNAL',
    'ALTER TABLE change_content ALTER COLUMN bytes SET STORAGE EXTERNAL',
  ],
}
