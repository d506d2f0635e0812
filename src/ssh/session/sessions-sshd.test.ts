import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { processesWith } from '../../../test/kit/remote-processes.ts'
import { withRoom } from '../../../test/kit/room.ts'
import { ALICE, Bench, BOB, leftovers, SHELLS } from '../../../test/kit/session-shells.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcp-proxy.ts'

describe.each(SHELLS)('a session on a real sshd whose login shell is %s', (shell) => {
  let sshd: Sshd
  let proxy: TcpProxy
  let bench: Bench
  let close: () => void
  const before = leftovers()

  beforeAll(async () => {
    sshd = await startSshd({ shell })
    proxy = await startTcpProxy(sshd.port)
    const hostKeys = [sshd.hostKeyFingerprint]
    const runner = sshRunner([
      sshd.target('web-server', { hostKeys, port: proxy.port, executionMode: 'shell' }),
    ])
    close = () => void runner.close()
    bench = new Bench(() => runner.runChannel)
  })
  afterAll(async () => {
    close()
    bench.close()
    await proxy.stop()
    await sshd.stop()
  })

  test('keeps its state for each person, with true exit statuses', async () => {
    await Promise.all([
      bench.run('cd /usr; x=a; f() { echo "f $x"; }', { owner: ALICE }),
      bench.run('cd /etc; x=b; exit 3', { owner: BOB }),
    ])
    const [a, b] = await Promise.all([
      bench.run('pwd; f; echo "$PAGER"; exit 4', { owner: ALICE }),
      bench.run('pwd; echo $x; kill -9 $$', { owner: BOB }),
    ])
    expect([a.out, a.code, a.session.state]).toEqual(['/usr\nf a\ncat\n', 4, 'saved'])
    expect([b.out, b.code, b.session.state]).toEqual(['/etc\nb\n', 'KILL', 'kept'])
  })

  test('answers at once though a background job holds the output, and whole though it is fast', async () => {
    const startedMs = performance.now()
    const { out } = await bench.run('sleep 61.25 & i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done')
    expect(performance.now() - startedMs).toBeLessThan(withRoom(5_000))
    expect(out).toBe(Array.from({ length: 20_000 }, (_, index) => `${index}\n`).join(''))
    await bench.run("kill $(ps -eo pid,args | awk '/sleep 61[.]25$/ {print $1}')")
  })

  test('a time-out ends the command, keeps the state and leaves nothing on the host', async () => {
    await bench.run('x=before')
    const mark = `sleep 6${shell.length}.125`
    const { end, out, session } = await bench.run(`x=after; echo begun; (${mark}); :`, { timeoutMs: 800 })
    expect(end).toMatchObject({ how: 'timed_out', remote: { state: 'stopped' } })
    expect([out, session.state]).toEqual(['begun\n', 'kept'])
    expect(processesWith(mark)).toEqual([])
    expect((await bench.run('echo $x')).out).toBe('before\n')
  })

  test('a command that ignores TERM is ended too, with its directory', async () => {
    const { end } = await bench.run('trap "" TERM; while :; do sleep 0.2; done', { timeoutMs: 500 })
    expect(end).toMatchObject({ how: 'timed_out', remote: { state: 'stopped', by: 'KILL' } })
    const found = leftovers().filter((name) => !before.includes(name))
    await expect.poll(() => found.filter((name) => leftovers().includes(name))).toEqual([])
  })

  test('a connection lost in the middle is unknown, and the next call continues from before', async () => {
    await bench.run('x=before')
    const mark = `sleep 3.0${shell.length}25`
    const lost = bench.run(`x=after; ${mark}; :`)
    while (processesWith(mark).length === 0) await new Promise((resolve) => setImmediate(resolve))
    proxy.cut()
    expect(await lost).toMatchObject({ code: 'unknown', session: { state: 'kept' } })
    expect((await bench.run('echo $x')).out).toBe('before\n')
  })
})
