import type { Migration } from '../sql/migrate.ts'

/**
 * What people, operators and callers leave behind beside the audit: locks, requests for approval, grants, taints, what was used of budgets,
 * users, and what the built-in login remembers. A `version` grows by one with every change: whoever changes says which one it has seen.
 */
export const state: Migration = {
  version: 3,
  name: 'state',
  both: [
    // All of them in one row: what is locked is known whole or not at all.
    'CREATE TABLE locks (id INTEGER PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL, known TEXT NOT NULL)',
    `INSERT INTO locks VALUES (1, 0, '{"version":1,"locks":[],"unrecorded":[]}')`,

    `CREATE TABLE approvals (
      id TEXT PRIMARY KEY, version BIGINT NOT NULL, owner TEXT NOT NULL, asked TEXT NOT NULL, state TEXT NOT NULL,
      instance TEXT, turn TEXT, turn_until BIGINT NOT NULL, record TEXT NOT NULL)`,
    // Two that ask the same at once, of two instances, are one.
    "CREATE UNIQUE INDEX approvals_asked ON approvals (owner, asked) WHERE state = 'waiting'",
    "CREATE INDEX approvals_started ON approvals (instance) WHERE state = 'started'",
    `CREATE TABLE grants (
      id TEXT PRIMARY KEY, owner TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, record TEXT NOT NULL)`,
    'CREATE INDEX grants_owner ON grants (owner)',

    'CREATE TABLE taints (id TEXT PRIMARY KEY, owner TEXT NOT NULL UNIQUE, expires_at BIGINT NOT NULL, record TEXT NOT NULL)',

    // Counted in pieces of time; `piece` is the number of it since 1970.
    `CREATE TABLE used_budgets (
      counter TEXT NOT NULL, key TEXT NOT NULL, piece BIGINT NOT NULL, used BIGINT NOT NULL, PRIMARY KEY (counter, key, piece))`,

    'CREATE TABLE users (id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, record TEXT NOT NULL)',
    `CREATE TABLE sealed (
      kind TEXT NOT NULL, name TEXT NOT NULL, box {bytes} NOT NULL, expires_at BIGINT NOT NULL, written_at BIGINT NOT NULL,
      PRIMARY KEY (kind, name))`,
    'CREATE INDEX sealed_written ON sealed (kind, written_at)',
    'CREATE INDEX sealed_expires ON sealed (expires_at) WHERE expires_at > 0',
  ],
}
