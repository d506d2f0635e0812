import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openContender } from '../contenders/contender.ts'
import { configure, OURS, probedLine } from '../contenders/ours.ts'
import { probe } from '../probe.ts'
import { RAW } from '../raw-many.ts'
import { defineRow } from '../row.ts'
import { part } from '../stage.ts'

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

    const { addresses, sshd } = fleet
    const about = {
      addresses,
      first: FIRST,
      port: sshd.port,
      username: sshd.username,
      key: sshd.clientKeyPath,
    }
    const args = ['--expose-gc', part('idle-raw.mjs'), JSON.stringify(about)]
    const bare = Number((await promisify(execFile)(process.execPath, args)).stdout)
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
