import { spawnSync } from 'node:child_process'
import { buildSync } from 'esbuild'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'

/** Beside the product, where the packages are found that are not part of it. */
const PROGRAM = 'dist/kit/migrating.mjs'

/** Makes the program that is killed, of the sources as they are. */
export function buildMigrating(): void {
  buildSync({
    entryPoints: ['test/kit/migrating.ts'],
    outfile: PROGRAM,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['libsql'],
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
    },
    define: { __VERSION__: '"test"' },
    logLevel: 'warning',
  })
}

/** How many statements the migrations of an empty database are. */
export function statementsOf(url: string): number {
  const { status, stdout, stderr } = migrating(url, 0, 'before')
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

/** Is killed there. False when it was over before. */
export function killAt(url: string, statement: number, when: 'before' | 'after'): boolean {
  const { signal, status, stderr } = migrating(url, statement, when)
  if (signal === null && status !== 0) throw new Error(stderr)
  return signal === 'SIGKILL'
}

function migrating(url: string, statement: number, when: string) {
  return spawnSync(process.execPath, [PROGRAM, url, String(statement), when], { encoding: 'utf8' })
}

/** All tables, columns, indexes, triggers and functions, once the next start has done what was missing. */
export async function schemaOf(url: string): Promise<string> {
  const database = await openDatabase(url, systemClock)
  try {
    const rows =
      database.engine === 'sqlite'
        ? await database.all('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name')
        : [
            ...(await database.all(
              "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
            )),
            ...(await database.all("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")),
            ...(await database.all(
              "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' ORDER BY 1, 2",
            )),
          ]
    const done = await database.all('SELECT version, name FROM migrations ORDER BY version')
    return JSON.stringify([rows, done], null, 1)
  } finally {
    await database.close()
  }
}
