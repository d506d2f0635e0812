import type { Migration } from '../sql/migrate.ts'

/**
 * What the audit is signed with, and what it is searched by: the words of records, up to
 * the one that `audit_indexed` names. All of it can be made anew from the records.
 */
export const auditEvidence: Migration = {
  version: 4,
  name: 'audit evidence',
  both: [
    'CREATE TABLE audit_keys (key TEXT PRIMARY KEY, log TEXT NOT NULL, seq BIGINT NOT NULL)',
    'CREATE TABLE audit_indexed (id INTEGER PRIMARY KEY CHECK (id = 1), seq BIGINT NOT NULL)',
    'INSERT INTO audit_indexed VALUES (1, 0)',
    "CREATE INDEX audit_checkpoints ON audit (seq) WHERE type = 'audit.checkpoint'",
    'CREATE INDEX audit_at ON audit (at)',
  ],
  sqlite: [
    "CREATE VIRTUAL TABLE audit_words USING fts5(words, content = '', contentless_delete = 1, detail = none)",
  ],
  postgres: [
    'CREATE TABLE audit_words (seq BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)',
    'CREATE INDEX audit_words_words ON audit_words USING GIN (words)',
  ],
}
