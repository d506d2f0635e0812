import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Closes what this process has read of a database with `libsql`, which leaves a connection open until its last statement is collected. One that
 * is closed later takes away the log beside whatever is at that path by then: to be called before a database is moved or replaced.
 */
export async function closeForgotten(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  collect()
  await nextTurn()
  collect()
  await nextTurn()
}
