import type { Migration } from '../sql/migrate.ts'

/**
 * How far each sink of the audit has got, and which instance feeds it: until `held_until`, or until that instance has ended. The name of a
 * sink that every machine has for itself ends with `@` and the machine's.
 */
export const sinks: Migration = {
  version: 5,
  name: 'sinks',
  both: [
    `CREATE TABLE sink_cursors (
      sink TEXT PRIMARY KEY,
      seq BIGINT NOT NULL,
      holder TEXT,
      held_until BIGINT NOT NULL,
      fault TEXT,
      fault_at BIGINT
    )`,
  ],
}
