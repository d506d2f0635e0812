import type { Migration } from '../sql/migrate.ts'

/**
 * What instances know of each other's use of budgets, beside the counts of `used_budgets`: when the calls of each holder will be made up for,
 * which hosts each has used, and how many commands each runs at which instance. Times are those of the database.
 */
export const sharedBudgets: Migration = {
  version: 10,
  name: 'shared budgets',
  both: [
    // One time says of all calls of a minute how many too many they are; of many a minute each is a part of a millisecond.
    'CREATE TABLE budget_calls (key TEXT PRIMARY KEY, free_at DOUBLE PRECISION NOT NULL)',
    // When it was used, and when that was told: who looks asks for what is new.
    `CREATE TABLE budget_hosts (
      key TEXT NOT NULL, host TEXT NOT NULL, used_at BIGINT NOT NULL, told_at BIGINT NOT NULL, PRIMARY KEY (key, host))`,
    'CREATE INDEX budget_hosts_told ON budget_hosts (told_at)',
    `CREATE TABLE budget_commands (
      instance TEXT NOT NULL, key TEXT NOT NULL, running BIGINT NOT NULL, PRIMARY KEY (instance, key))`,
  ],
}
