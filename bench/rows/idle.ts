import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openContender } from '../contenders/contender.ts'
import { configure, OURS, probedLine } from '../contenders/ours.ts'
import { probe } from '../probe.ts'
import { RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow } from '../row.ts'

/** The first connections bring in code that the others share. */
const FIRST = 20
const MORE = 100

export const idle = defineRow({
  name: 'idle',
  title: 'Memory of idle SSH connections',
  about:
    'How much a process grows by 100 further connections that have run one command each and stay open, after garbage collection.',
  targets: { each: { what: 'an idle connection', most: 150, unit: 'KiB' } },
  async measure(stage) {
    const fleet = await stage.fleet(FIRST + MORE)
    const home = await stage.home()
    configure(home, fleet.yaml())
    const path = join(home.directory, 'probe')
    const contender = {
      name: OURS,
      kind: 'ours',
      command: probedLine(home),
      env: { BENCH_PROBE: path },
    } as const
    const { client } = await openContender(stage, contender)
    const onHosts = (names: readonly string[]) =>
      client.callTool('run_on_hosts', { hosts: names, command: 'true' })
    await onHosts(fleet.names.slice(0, FIRST))
    const before = await probe(client.pid, path)
    await onHosts(fleet.names.slice(FIRST))
    const after = await probe(client.pid, path)
    const ours = ((after.residentMiB - before.residentMiB) * 1_024) / MORE
    await client.close()

    const raws: RawSsh[] = []
    const openRaw = async (host: string) => {
      const raw = new RawSsh()
      await raw.open(fleet.sshd, { host })
      await raw.run('true')
      raws.push(raw)
    }
    for (const host of fleet.addresses.slice(0, FIRST)) await openRaw(host)
    const rawBefore = residentKiB()
    for (const host of fleet.addresses.slice(FIRST)) await openRaw(host)
    const bare = (residentKiB() - rawBefore) / MORE
    for (const raw of raws) raw.close()
    return {
      tables: [
        {
          title: '100 idle connections',
          base: RAW,
          measures: [{ name: 'each', unit: 'KiB', better: 'less' }],
          ways: [
            { way: RAW, kind: 'yardstick', values: [bare] },
            { way: OURS, kind: 'ours', values: [ours] },
          ],
        },
      ],
      reached: { each: ours },
    }
  },
})

function residentKiB(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().rss / 1_024
}
