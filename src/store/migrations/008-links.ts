import type { Migration } from '../sql/migrate.ts'

/**
 * Links to files, by the digests of their tokens, with the call that made each. `use_id` is the one use that is under way, in the instance
 * `used_by`; `wished`: somebody else waits for its end.
 */
export const links: Migration = {
  version: 8,
  name: 'links',
  both: [
    `CREATE TABLE transfer_links (
      id TEXT PRIMARY KEY, owner TEXT NOT NULL, rule TEXT NOT NULL,
      direction TEXT NOT NULL, call TEXT NOT NULL, made_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
      delivered BIGINT NOT NULL DEFAULT 0, sent BIGINT NOT NULL DEFAULT 0,
      has_part INTEGER NOT NULL DEFAULT 0,
      used_by TEXT, use_id TEXT, wished INTEGER NOT NULL DEFAULT 0)`,
    'CREATE INDEX transfer_links_owner ON transfer_links (owner)',
    'CREATE INDEX transfer_links_expire ON transfer_links (expires_at)',
  ],
}
