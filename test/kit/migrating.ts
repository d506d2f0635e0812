import process from 'node:process'
import { systemClock } from '../../src/lib/clock.ts'
import { MIGRATIONS } from '../../src/store/migrations/list.ts'
import type { Database, Sql } from '../../src/store/sql/database.ts'
import { migrate } from '../../src/store/sql/migrate.ts'

/**
 * A program of its own: brings the database at the first argument to the newest version, and is killed by itself, as a power loss would, at
 * the statement of the second argument: `before` or `after` it, says the third. Prints how many statements there were when it lives.
 */
const [, , url = '', at = '0', when = 'before'] = process.argv
let count = 0

function counting(sql: Sql): Sql {
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1
    const isIt = count === Number(at)
    if (isIt && when === 'before') process.kill(process.pid, 'SIGKILL')
    const result = await work()
    if (isIt) process.kill(process.pid, 'SIGKILL')
    return result
  }
  return {
    all: (text, ...values) => counted(() => sql.all(text, ...values)),
    run: (text, ...values) => counted(() => sql.run(text, ...values)),
  }
}

async function connect(): Promise<Database> {
  if (!url.startsWith('sqlite:'))
    return (await import('../../src/store/sql/postgres.ts')).openPostgres(url, systemClock)
  const { openSqlite } = await import('../../src/store/sql/sqlite.ts')
  return openSqlite(url.slice('sqlite:'.length), systemClock)
}

const real = await connect()
const database: Database = {
  ...counting(real),
  engine: real.engine,
  first: real.first,
  scan: (text, ...values) => real.scan(text, ...values),
  transaction: (work) => real.transaction((sql) => work(counting(sql))),
  notify: (topic, text) => real.notify(topic, text),
  listen: (topic, onNotice, signal) => real.listen(topic, onNotice, signal),
  problem: () => real.problem(),
  close: () => real.close(),
}
await migrate(database, MIGRATIONS, systemClock.now())
console.log(count)
await real.close()
