import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** What was seen of a text on this machine (it is the host of the tests) while it was watched. */
export interface Seen {
  /** How often all there is was looked through. */
  readonly rounds: number
  /** Command lines of processes that held it. */
  readonly commandLines: readonly string[]
  /** Files of ours in /tmp that held it. */
  readonly files: readonly string[]
}

/** Looks without a pause, in a thread of its own, at every command line and at every file that the bridge has on its host. */
const LOOK = `
const { parentPort, workerData } = require('node:worker_threads')
const { readdirSync, readFileSync, writeSync } = require('node:fs')
const { text, flag } = workerData
const stop = new Int32Array(flag)
const commandLines = new Set(), files = new Set()
const list = (path) => { try { return readdirSync(path) } catch { return [] } }
const holds = (path) => { try { return readFileSync(path).includes(text) } catch { return false } }
let rounds = 0
parentPort.postMessage('watching')
do {
  for (const pid of list('/proc')) {
    if (pid[0] < '0' || pid[0] > '9') continue
    const path = '/proc/' + pid + '/cmdline'
    if (holds(path)) commandLines.add(pid)
  }
  for (const place of list('/tmp'))
    if (place.startsWith('.ssh-mcp-bridge-'))
      for (const file of list('/tmp/' + place)) {
        const path = '/tmp/' + place + '/' + file
        if (file !== 'fo' && file !== 'fe' && holds(path)) files.add(path)
      }
  rounds += 1
} while (Atomics.load(stop, 0) === 0)
parentPort.postMessage({ rounds, commandLines: [...commandLines], files: [...files] })
`

/** Runs `during` and tells what was seen of `text` meanwhile. */
export async function watchHost(text: string, during: () => Promise<unknown>): Promise<Seen> {
  const flag = new SharedArrayBuffer(4)
  const worker = new Worker(LOOK, { eval: true, workerData: { text, flag } })
  await once(worker, 'message')
  try {
    await during()
  } finally {
    Atomics.store(new Int32Array(flag), 0, 1)
  }
  const [seen] = await once(worker, 'message')
  await worker.terminate()
  return seen as Seen
}
