import type { Migration } from '../sql/migrate.ts'

/**
 * What instances know of each other: who declared whom lost, and with which version and rules each of them works. And what one asks of
 * another, as long as it is not answered;
 * and the sessions of clients that any of them can go on with.
 */
export const instances: Migration = {
  version: 7,
  name: 'instances',
  both: [
    'ALTER TABLE instances ADD COLUMN ended_by TEXT',
    'ALTER TABLE instances ADD COLUMN version TEXT',
    'ALTER TABLE instances ADD COLUMN config TEXT',
    `CREATE TABLE mail (
      id TEXT PRIMARY KEY, to_instance TEXT NOT NULL, from_instance TEXT NOT NULL, body TEXT NOT NULL,
      cancelled INTEGER NOT NULL DEFAULT 0, answer TEXT)`,
    'CREATE INDEX mail_to ON mail (to_instance) WHERE answer IS NULL',
    'CREATE INDEX mail_from ON mail (from_instance)',
    `CREATE TABLE client_sessions (
      id TEXT PRIMARY KEY, owner TEXT NOT NULL, initialize TEXT NOT NULL, seen_at BIGINT NOT NULL)`,
    'CREATE INDEX client_sessions_seen ON client_sessions (seen_at)',
    'CREATE INDEX instances_living ON instances (id) WHERE ended_at IS NULL',
  ],
}
