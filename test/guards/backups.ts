import type { Guard } from './guard.ts'

const JOURNEY = { test: 'test/journeys/backup.test.ts', needsBuild: true } as const

export const BACKUP_GUARDS: readonly Guard[] = [
  {
    ...JOURNEY,
    name: 'backups-replace-nothing',
    file: 'src/app/backup.ts',
    from: 'if (existsSync(target)) throw',
    to: "if (target === '') throw",
    title: 'what is there is replaced by nothing',
  },
  {
    ...JOURNEY,
    name: 'backups-are-whole',
    file: 'src/store/sql/backup.ts',
    from: "if (told?.integrity_check !== 'ok') return",
    to: "if (told?.integrity_check === '') return",
    title: 'what is no whole backup changes nothing, and says why',
  },
  {
    ...JOURNEY,
    name: 'restored-yeses-are-over',
    file: 'src/app/restore.ts',
    from: "DELETE FROM approvals WHERE state IN ('waiting', 'started')",
    to: "DELETE FROM approvals WHERE state = 'over'",
    title: 'what is backed up while the bridge runs is there again after the database is lost',
  },
  {
    ...JOURNEY,
    name: 'restore-only-at-rest',
    file: 'src/app/restore.ts',
    from: 'if (existsSync(file) && (await isSqliteUsed(file)))',
    to: "if (file === '' && (await isSqliteUsed(file)))",
    title: 'what is backed up while the bridge runs is there again after the database is lost',
  },
  {
    ...JOURNEY,
    name: 'restore-replaces-nothing',
    file: 'src/app/restore.ts',
    from: 'if (tables.length > 0)',
    to: 'if (tables.length < 0)',
    title: 'PostgreSQL is backed up by its own program',
  },
]
