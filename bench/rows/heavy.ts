import { hostYaml } from '../../test/kit/product.ts'
import { openContender } from '../contenders/contender.ts'
import { configure, OURS, startLine } from '../contenders/ours.ts'
import { quantile, settled, timedMs, times } from '../figures.ts'
import { openRaws, RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow } from '../row.ts'

const COMMANDS = 50
const OTHERS = 50

export const heavy = defineRow({
  name: 'heavy',
  title: 'Fifty outputs of a gigabyte at once',
  about:
    'Fifty commands print 1 GB each at the same time (or what --heavy-mb says), and somebody else runs `true` on another host meanwhile, one after the other; the same with raw ssh2, which keeps nothing of it.',
  isHeavy: true,
  targets: {
    memory: { what: 'peak memory of 50 × 1 GB (512 MB)', most: 488, unit: 'MiB' },
    others: { what: 'p50 of other calls meanwhile, to raw ssh2 under the same', most: 2, unit: '×' },
  },
  async measure(stage) {
    const [busy, calm] = [await stage.sshd(), await stage.sshd()]
    const command = `yes "a line of ordinary text" | head -c ${stage.options.heavyBytes}`
    const home = await stage.home()
    configure(home, hostYaml('busy', busy) + hostYaml('calm', calm))
    const { client, run } = await openContender(stage, {
      name: OURS,
      kind: 'ours',
      command: startLine(home),
      env: {},
      execute: (text) => ['execute_command', { host: 'calm', command: text }],
    })
    const flood = async () => {
      const args = { host: 'busy', command, wait_seconds: 600 }
      const answers = await Promise.all(
        Array.from({ length: COMMANDS }, () => client.callTool('execute_command', args)),
      )
      for (const { structuredContent } of answers) {
        const { stdout_bytes: bytes } = structuredContent as { readonly stdout_bytes: number }
        if (bytes !== stage.options.heavyBytes) throw new Error(`a command printed ${bytes} bytes`)
      }
    }
    const [raws, raw] = [await openRaws(busy, COMMANDS), new RawSsh()]
    await raw.open(calm)
    const rawFlood = () =>
      Promise.all(Array.from({ length: COMMANDS }, (_, worker) => raws.run(worker, command)))

    const bare = await besides(rawFlood, () => raw.run('true'))
    await settled()
    const bridge = await besides(flood, () => run('true'))
    const { peak } = client.memoryMiB()
    await client.close()
    raws.close()
    raw.close()

    const row = ({ tookMs, idle, loaded }: Besides) => [
      tookMs / 1_000,
      quantile(idle, 0.5),
      quantile(loaded, 0.5),
      quantile(loaded, 0.99),
    ]
    const slowed = ({ idle, loaded }: Besides) =>
      times(quantile(loaded, 0.5), quantile(idle, 0.5))?.toFixed(1)
    return {
      tables: [
        {
          title: `${COMMANDS} × ${stage.options.heavyBytes / 1_000_000} MB`,
          base: RAW,
          measures: [
            { name: 'all of it', unit: 's', better: 'less' },
            { name: 'others before, p50', unit: 'ms', better: 'less' },
            { name: 'others meanwhile, p50', unit: 'ms', better: 'less' },
            { name: 'others meanwhile, p99', unit: 'ms', better: 'less' },
          ],
          ways: [
            { way: RAW, kind: 'yardstick', values: row(bare) },
            { way: OURS, kind: 'ours', values: row(bridge) },
          ],
        },
      ],
      reached: {
        memory: peak,
        others: times(quantile(bridge.loaded, 0.5), quantile(bare.loaded, 0.5)),
      },
      notes: [
        `Other calls took ${slowed(bare)} times as long with raw ssh2 under the load, ${slowed(bridge)} times with the bridge: fifty programs that print and their servers are on this machine too.`,
      ],
    }
  },
})

interface Besides {
  readonly tookMs: number
  /** What other calls take before, and meanwhile. */
  readonly idle: readonly number[]
  readonly loaded: readonly number[]
}

async function besides(flood: () => Promise<unknown>, other: () => Promise<unknown>): Promise<Besides> {
  const [idle, loaded]: number[][] = [[], []]
  await other()
  for (let call = 0; call < OTHERS; call++) idle?.push(await timedMs(other))
  let isOver = false
  const flooding = timedMs(flood).finally(() => {
    isOver = true
  })
  flooding.catch(() => {})
  while (!isOver) loaded?.push(await timedMs(other))
  return { tookMs: await flooding, idle: idle ?? [], loaded: loaded ?? [] }
}
