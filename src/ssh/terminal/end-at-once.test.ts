import { afterEach, beforeEach, expect, test } from 'vitest'
import { fasterClock } from '../../../test/kit/manual-clock.ts'
import { processesWith } from '../../../test/kit/remote-processes.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { PLAIN_SHELL, reading, terminalRunner } from '../../../test/kit/terminal-runner.ts'
import { hangUpAndKill } from './end-at-once.ts'

const ALICE = JSON.stringify(['none', 'alice'])

/** Tells the processes of this run from what a failed one may have left. */
const RUN = process.pid

let sshd: Sshd
let kit: ReturnType<typeof terminalRunner>

beforeEach(async () => {
  sshd = await startSshd({ config: [PLAIN_SHELL] })
  kit = terminalRunner([sshd.target('web-server', { allowsTerminal: true })])
})
afterEach(async () => {
  kit.close()
  await sshd.stop()
})

async function openWith(mark: string, owner = 'alice'): Promise<string> {
  const opened = await kit.open({ owner })
  if ('kind' in opened) throw new Error(opened.message)
  const child = (name: string) => `sh -c 'trap "" HUP; : ${mark} ${name}; sleep 300; :'`
  const type = [
    `nohup ${child('nohup')} >/dev/null 2>&1 &`,
    `setsid ${child('setsid')} &`,
    `(setsid ${child('orphan')} >/dev/null 2>&1 &)`,
    child('deaf'),
  ].map((line) => `${line}<Enter>`)
  await kit.use(opened.session, { owner, type: type.join(''), quietMs: 300 })
  for (const name of ['nohup', 'setsid', 'orphan', 'deaf'])
    await expect.poll(() => processesWith(`${mark} ${name}`).length).toBeGreaterThan(0)
  return opened.session
}

test('what is locked out of its terminal leaves nothing behind that ran in it, however it had cut its ties', async () => {
  const mark = `locked-${RUN}`
  const session = await openWith(mark)
  const fromMs = performance.now()
  kit.terminals.lockOut(() => true)
  await expect.poll(() => processesWith(mark), { interval: 20 }).toEqual([])
  console.log(`terminal gone after ${Math.round(performance.now() - fromMs)} ms`)
  expect(await kit.use(session)).toMatchObject({ code: 'session_not_found' })
  await expect.poll(() => kit.log.lines.join()).toContain('"remote":"stopped"')
})

test('another terminal on the same connection goes on, with all that runs in it', async () => {
  const [locked, free] = [`one-${RUN}`, `two-${RUN}`]
  await openWith(locked)
  const session = await openWith(free)
  expect(kit.pool.stats(ALICE)).toMatchObject([{ connections: 1, running: 2 }])
  const before = processesWith(free)
  let asked = 0
  kit.terminals.lockOut(() => {
    asked += 1
    return asked === 1
  })
  await expect.poll(() => kit.log.lines.join()).toContain('"remote":"stopped"')
  expect(processesWith(locked)).toEqual([])
  expect(processesWith(free)).toEqual(before)
  expect(reading(await kit.use(session)).isAlive).toBe(true)
  kit.terminals.lockOut(() => true)
  await expect.poll(() => processesWith(free)).toEqual([])
})

test('a host that says nothing of its processes is hung up on all the same', async () => {
  const [terminal] = [await kit.opened()]
  const silent = { isAlive: true, onLost: () => () => undefined, open: () => new Promise(() => undefined) }
  let isHungUp = false
  const ended = hangUpAndKill(silent as never, () => (isHungUp = true), fasterClock(20))
  await expect.poll(() => isHungUp).toBe(true)
  expect(await ended).toBe('unknown')
  expect(reading(await kit.use(terminal)).isAlive).toBe(true)
})
