// Loaded into the product by `node --import`: at SIGUSR2 it collects garbage and writes to $BENCH_PROBE what the process holds and how
// late its event loop was since the last time, in ms and MiB.
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const RESOLUTION_MS = 2
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delays.enable()
let count = 0

process.on('SIGUSR2', () => {
  const late = (ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS)
  const loop = { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) }
  collect()
  collect()
  const path = process.env.BENCH_PROBE
  count += 1
  writeFileSync(
    `${path}.new`,
    JSON.stringify({ count, loop, residentMiB: process.memoryUsage().rss / 1_048_576 }),
  )
  renameSync(`${path}.new`, path)
  delays.reset()
})
