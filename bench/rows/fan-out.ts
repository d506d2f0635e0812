import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ManyHosts } from '../../test/kit/many-hosts.ts'
import { hostYaml } from '../../test/kit/product.ts'
import { openContender } from '../contenders/contender.ts'
import { ended, flags } from '../contenders/openssh.ts'
import { configure, OURS, startLine } from '../contenders/ours.ts'
import { type Contest, interleaved, limited, median, settled, timedMs, times } from '../figures.ts'
import { RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow } from '../row.ts'
import type { Stage } from '../stage.ts'

const HOSTS = 200
const PARALLEL = 50
const COMMAND = 'uptime'

export const fanOut = defineRow({
  name: 'fan-out',
  title: '`uptime` on 200 hosts',
  about:
    'Real OpenSSH servers on 200 loopback addresses, 50 of them busy at the same time. Cold: no connection is open. Warm: all are. Everybody uses curve25519.',
  targets: {
    cold: { what: '200 hosts cold, to raw ssh2', most: 1.05, unit: '×' },
    warm: { what: '200 hosts warm, to raw ssh2', most: 1.05, unit: '×' },
    pdsh: { what: '200 hosts cold, to pdsh', most: 1, unit: '×' },
  },
  async measure(stage) {
    const fleet = await stage.fleet(HOSTS)
    const notes: string[] = []
    const warm = new Map<string, number[]>([
      [RAW, []],
      [OURS, []],
    ])
    const noted = (name: string) => async (took: Promise<readonly [cold: number, warm: number]>) => {
      const [coldMs, warmMs] = await took
      warm.get(name)?.push(warmMs)
      await settled()
      return coldMs
    }
    const bridge = await ourFleet(stage, fleet)
    const tools = toolsFor(fleet, notes)
    const contest: Contest = Object.fromEntries([
      [RAW, () => noted(RAW)(rawOnce(fleet))],
      [OURS, () => noted(OURS)(bridge())],
      ...tools.map(({ name, run }) => [
        name,
        async () => {
          const took = await timedMs(run)
          await settled()
          return took
        },
      ]),
    ])
    const failed = (name: string, why: string) => notes.push(`${name}: ${why}`)
    const cold = await interleaved(stage.rounds(0.025, 2), 1, contest, failed)
    const ways = [
      { way: RAW, kind: 'yardstick' as const },
      { way: OURS, kind: 'ours' as const },
      ...tools.map(({ name }) => ({ way: name, kind: 'tool' as const })),
    ]
    return {
      tables: [
        {
          title: '200 hosts',
          base: RAW,
          measures: [
            { name: 'cold', unit: 'ms', better: 'less' },
            { name: 'warm', unit: 'ms', better: 'less' },
          ],
          ways: ways.map(({ way, kind }) => ({
            way,
            kind,
            values: [median(cold[way]), median(warm.get(way))],
          })),
        },
      ],
      reached: {
        cold: times(median(cold[OURS]), median(cold[RAW])),
        warm: times(median(warm.get(OURS)), median(warm.get(RAW))),
        pdsh: times(median(cold[OURS]), median(cold.pdsh)),
      },
      notes,
    }
  },
})

async function rawOnce({ sshd, addresses }: ManyHosts): Promise<readonly [number, number]> {
  const raws = addresses.map((host) => ({ host, raw: new RawSsh() }))
  const cold = await timedMs(() =>
    limited(PARALLEL, raws, async ({ host, raw }) => {
      await raw.open(sshd, { host })
      await raw.run(COMMAND)
    }),
  )
  const warm = await timedMs(() => limited(PARALLEL, raws, ({ raw }) => raw.run(COMMAND)))
  for (const { raw } of raws) raw.close()
  return [cold, warm]
}

/** A process of its own for each round, which has run a command on one other host before: what is cold are the connections. */
async function ourFleet(stage: Stage, fleet: ManyHosts) {
  const home = await stage.home()
  configure(home, hostYaml('other', fleet.sshd) + fleet.yaml())
  const all = { hosts: ['tag:all'], command: COMMAND, max_parallel: PARALLEL }
  return async (): Promise<readonly [number, number]> => {
    const { client, run } = await openContender(stage, {
      name: OURS,
      kind: 'ours',
      command: startLine(home),
      env: {},
      execute: (command) => ['execute_command', { host: 'other', command }],
    })
    await run('true')
    const everywhere = async () => {
      const { structuredContent } = await client.callTool('run_on_hosts', all)
      const { counts } = structuredContent as { readonly counts: { readonly succeeded: number } }
      if (counts.succeeded !== HOSTS) throw new Error(`only on ${counts.succeeded} hosts`)
    }
    const both = [await timedMs(everywhere), await timedMs(everywhere)] as const
    await client.close()
    return both
  }
}

interface Tool {
  readonly name: string
  run(): Promise<void>
}

/** What administrators use for it, where it is on this machine. */
function toolsFor({ sshd, addresses }: ManyHosts, notes: string[]): Tool[] {
  const known = join(sshd.directory, 'known_everywhere')
  const [, ...key] = readFileSync(sshd.knownHostsPath, 'utf8').trim().split(' ')
  writeFileSync(known, `* ${key.join(' ')}\n`)
  const hosts = join(sshd.directory, 'hosts')
  writeFileSync(hosts, addresses.map((address) => `${address}\n`).join(''))
  const options = {
    Port: String(sshd.port),
    IdentityFile: sshd.clientKeyPath,
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: known,
    BatchMode: 'yes',
    KexAlgorithms: 'curve25519-sha256',
    LogLevel: 'ERROR',
  }
  const ssh = flags(options)
  const user = sshd.username
  const most = String(PARALLEL)
  const all: (Tool & { readonly package: string; readonly program: string })[] = [
    {
      name: 'pdsh',
      program: '/usr/bin/pdsh',
      package: 'pdsh',
      run: () =>
        ended('pdsh', ['-S', '-R', 'ssh', '-f', most, '-l', user, '-w', `^${hosts}`, COMMAND], {
          PDSH_SSH_ARGS_APPEND: ssh.join(' '),
        }),
    },
    {
      name: 'clush',
      program: '/usr/bin/clush',
      package: 'clustershell',
      run: () =>
        ended('clush', ['-S', '-f', most, '-l', user, '-o', ssh.join(' '), '--hostfile', hosts, COMMAND]),
    },
    {
      name: 'parallel-ssh',
      program: '/usr/bin/parallel-ssh',
      package: 'pssh',
      run: () =>
        ended('parallel-ssh', ['-p', most, '-l', user, '-h', hosts, ...ssh.flatMap(asExtra), COMMAND]),
    },
  ]
  const missing = all.filter(({ program }) => !existsSync(program))
  if (missing.length > 0) {
    const packages = missing.map((tool) => tool.package).join(' ')
    notes.push(
      `Not on this machine: ${missing.map(({ name }) => name).join(', ')}. To compare with them: apt-get install ${packages}`,
    )
  }
  return all.filter(({ program }) => existsSync(program))
}

/** parallel-ssh takes options of ssh as `-O Key=Value`. */
function asExtra(flag: string): string[] {
  return flag === '-o' ? [] : ['-O', flag]
}
