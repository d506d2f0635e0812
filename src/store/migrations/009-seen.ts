import type { Migration } from '../sql/migrate.ts'

/**
 * Who has used the bridge, by which client and door (empty where the client is not known), and how much in each hour of the last week. It is
 * beside the audit and no evidence: a page of people can be shown without a search through all records, and without an index of people, which
 * would cost every call its part.
 */
export const seen: Migration = {
  version: 9,
  name: 'seen',
  both: [
    `CREATE TABLE seen (
      person TEXT NOT NULL, client TEXT NOT NULL, door TEXT NOT NULL, method TEXT NOT NULL,
      first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, name TEXT, email TEXT, PRIMARY KEY (person, client, door))`,
    'CREATE INDEX seen_last ON seen (last_at)',
    `CREATE TABLE seen_calls (
      person TEXT NOT NULL, piece BIGINT NOT NULL, calls BIGINT NOT NULL, refused BIGINT NOT NULL, PRIMARY KEY (person, piece))`,
    'CREATE INDEX seen_calls_piece ON seen_calls (piece)',
  ],
}
