import { hostYaml } from '../../test/kit/product.ts'
import { openContender } from '../contenders/contender.ts'
import { configure, OURS, startLine } from '../contenders/ours.ts'
import { median, timedMs } from '../figures.ts'
import { defineRow } from '../row.ts'

const HOSTS = 10_000

export const hosts = defineRow({
  name: 'hosts',
  title: '10,000 hosts configured',
  about:
    'From the start of the process until the list of tools is there, the memory it holds then and after `list_hosts`, and what one answer of `list_hosts` takes.',
  targets: {
    time: { what: 'start with 10,000 hosts', most: 3, unit: 's' },
    memory: { what: 'memory with 10,000 hosts', most: 250, unit: 'MiB' },
    answer: { what: 'one answer of list_hosts: a page', most: 256, unit: 'KiB' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const home = await stage.home()
    const entries = Array.from({ length: HOSTS }, (_, index) => hostYaml(`web-${index}`, sshd))
    configure(home, entries.join(''))
    const contender = { name: OURS, kind: 'ours', command: startLine(home), env: {} } as const
    const samples: Record<'start' | 'resident' | 'listing' | 'peak' | 'answer', number[]> = {
      start: [],
      resident: [],
      listing: [],
      peak: [],
      answer: [],
    }
    for (let round = 0; round < stage.rounds(0.025, 2); round++) {
      const begunMs = performance.now()
      const { client } = await openContender(stage, contender)
      samples.start.push((performance.now() - begunMs) / 1_000)
      samples.resident.push(client.memoryMiB().now)
      samples.listing.push(
        await timedMs(async () => {
          const answer = await client.callTool('list_hosts', {})
          samples.answer.push(JSON.stringify(answer).length / 1_024)
        }),
      )
      samples.peak.push(client.memoryMiB().peak)
      await client.close()
    }
    const { start, resident, listing, peak, answer } = samples
    return {
      tables: [
        {
          title: '10,000 hosts',
          measures: [
            { name: 'start', unit: 's', better: 'less' },
            { name: 'memory', unit: 'MiB', better: 'less' },
            { name: 'list_hosts', unit: 'ms', better: 'less' },
            { name: 'its answer', unit: 'KiB', better: 'less' },
            { name: 'peak memory', unit: 'MiB', better: 'less' },
          ],
          ways: [{ way: OURS, kind: 'ours', values: [start, resident, listing, answer, peak].map(median) }],
        },
      ],
      reached: { time: median(start), memory: median(peak), answer: median(answer) },
    }
  },
})
