import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../test/kit/certificate.ts'
import { fasterClock } from '../../test/kit/manual-clock.ts'
import { type ReceivedMessage, startRsyslog, type TestRsyslog } from '../../test/kit/rsyslog.ts'
import { type SinkInstance, sinkInstance } from '../../test/kit/sink-parts.ts'
import type { SyslogSink } from '../domain/sink.ts'
import { SyslogDatagrams } from './syslog-datagrams.ts'
import { shortMessage, syslogMessage } from './syslog-message.ts'
import { SyslogSender } from './syslog-sender.ts'

const root = mkdtempSync(join(tmpdir(), 'bridge-syslog-'))
const closing: (() => Promise<void>)[] = []
let count = 0

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const sinkTo = (rsyslog: Pick<TestRsyslog, 'port' | 'ca'>, more: Partial<SyslogSink> = {}): SyslogSink => ({
  kind: 'syslog',
  address: '127.0.0.1',
  port: rsyslog.port,
  protocol: 'tls',
  tls: { ca: rsyslog.ca },
  facility: 10,
  enterprise: 32_473,
  ...more,
})

async function instanceAt(
  speed: number,
): Promise<SinkInstance & { readonly clock: ReturnType<typeof fasterClock> }> {
  const clock = fasterClock(speed)
  const instance = await sinkInstance(`sqlite:${join(root, `${++count}.db`)}`, clock)
  closing.push(() => instance.close())
  return { ...instance, clock }
}

async function rsyslogOver(protocol: 'tls' | 'tcp' | 'udp'): Promise<TestRsyslog> {
  const rsyslog = await startRsyslog(protocol)
  closing.push(() => rsyslog.stop())
  return rsyslog
}

/** Each record once, in the order in which it came first. */
function once(messages: readonly ReceivedMessage[]): string[] {
  return [...new Set(messages.map(({ text }) => text))]
}

const bySeq = (lines: readonly string[]) =>
  lines.toSorted((a, b) => JSON.parse(a)._chain.seq - JSON.parse(b)._chain.seq)

const patient = { interval: 50 }

describe.each(['tls', 'tcp'] as const)('syslog over %s', (protocol) => {
  test('brings the lines as they stand in the chain, with their number, and rsyslog reads all parts', async () => {
    const rsyslog = await rsyslogOver(protocol)
    const { clock, ...instance } = await instanceAt(2)
    instance.feed('syslog', new SyslogSender(sinkTo(rsyslog, { protocol }), clock))
    await instance.append(300)
    await expect.poll(() => rsyslog.messages().length, patient).toBe(300)
    const messages = rsyslog.messages()
    expect(messages.map(({ text }) => text)).toEqual((await instance.lines()).map(({ line }) => line))
    expect(messages[6]).toMatchObject({
      data: '[ssh-mcp-bridge@32473 seq="7"]',
      app: 'ssh-mcp-bridge',
      type: 'config.reloaded',
      facility: 'authpriv',
      severity: 'notice',
    })
  })
})

test('of rsyslog killed and started again no record is missing, and none comes before an earlier one', async () => {
  const rsyslog = await rsyslogOver('tls')
  const { clock, ...instance } = await instanceAt(4)
  instance.feed('syslog', new SyslogSender(sinkTo(rsyslog), clock))
  for (let round = 0; round < 4; round += 1) {
    for (let append = 0; append < 10; append += 1) await instance.append(20)
    await expect.poll(() => rsyslog.messages().length, patient).toBeGreaterThan(round * 100)
    await rsyslog.kill()
    await instance.append(50)
    await rsyslog.start()
  }
  const lines = (await instance.lines()).map(({ line }) => line)
  expect(lines).toHaveLength(1_000)
  await expect.poll(() => once(rsyslog.messages()).length, patient).toBe(1_000)
  expect(bySeq(once(rsyslog.messages()))).toEqual(lines)
  // Each round begins again somewhere before, and goes on from there in order.
  const seqs = rsyslog.messages().map(({ text }) => JSON.parse(text)._chain.seq as number)
  const jumps = seqs.filter((seq, index) => index > 0 && seq > (seqs[index - 1] ?? 0) + 1)
  expect(jumps).toEqual([])
})

test('a receiver that stands still is waited for, delays no append, and misses nothing when it is killed then', async () => {
  const rsyslog = await rsyslogOver('tls')
  const { clock, ...instance } = await instanceAt(8)
  instance.feed('syslog', new SyslogSender(sinkTo(rsyslog), clock))
  await instance.append(10)
  await expect.poll(() => rsyslog.messages().length, patient).toBe(10)
  rsyslog.freeze()
  // None of these would end if it waited for what stands still.
  for (let append = 0; append < 20; append += 1) await instance.append(10)
  await expect.poll(() => instance.log.lines.join(), patient).toContain('takes no records')
  await rsyslog.kill()
  await rsyslog.start()
  await expect.poll(() => once(rsyslog.messages()).length, patient).toBe(210)
})

describe('the receiver’s certificate', () => {
  test('must be one that the configured authority vouches for', async () => {
    const rsyslog = await rsyslogOver('tls')
    const other = join(root, 'other.pem')
    writeFileSync(other, makeCertificate('IP:127.0.0.1').cert)
    const { clock, ...instance } = await instanceAt(2)
    instance.feed('syslog', new SyslogSender(sinkTo(rsyslog, { tls: { ca: other } }), clock))
    await instance.append(1)
    await expect.poll(() => instance.log.lines.join(), patient).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/)
    expect(rsyslog.messages()).toEqual([])
  })

  test('must be one for the name', async () => {
    const rsyslog = await rsyslogOver('tls')
    const { clock, ...instance } = await instanceAt(2)
    const tls = (serverName: string) => ({ tls: { ca: rsyslog.ca, serverName } })
    instance.feed('wrong', new SyslogSender(sinkTo(rsyslog, tls('other.example.com')), clock))
    await instance.append(1)
    await expect.poll(() => instance.log.lines.join(), patient).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(rsyslog.messages()).toEqual([])
    instance.feed('right', new SyslogSender(sinkTo(rsyslog, tls('logs.example.com')), clock))
    await expect.poll(() => rsyslog.messages().length, patient).toBe(1)
  })
})

test('datagrams reach a receiver that takes nothing else', async () => {
  const rsyslog = await rsyslogOver('udp')
  const { clock: _, ...instance } = await instanceAt(1)
  instance.feed('udp', new SyslogDatagrams(sinkTo(rsyslog, { protocol: 'udp' })))
  await instance.append(5)
  await expect.poll(() => rsyslog.messages().length, patient).toBe(5)
  expect(once(rsyslog.messages())).toEqual((await instance.lines()).map(({ line }) => line))
})

test('a message is one line of printable header, and a datagram that is cut says so', () => {
  const record = {
    seq: 9,
    at: Date.parse('2026-01-02T03:04:05.006Z'),
    type: 'auth.denied',
    line: '{"a":"ä"}',
  }
  const sink = sinkTo({ port: 1, ca: '' })
  expect(syslogMessage(record, sink).toString()).toMatch(
    /^<84>1 2026-01-02T03:04:05\.006Z \S+ ssh-mcp-bridge \d+ auth\.denied \[ssh-mcp-bridge@32473 seq="9"\] \{"a":"ä"\}$/,
  )
  const odd = syslogMessage({ ...record, type: 'a b\n] <1>' }, sink).toString()
  expect(odd).toMatch(/ ab\]<1> \[ssh-mcp-bridge@/)
  const short = shortMessage({ ...record, line: 'x'.repeat(9_000) }, sink, 400)
  expect(short).toHaveLength(400)
  expect(short.toString()).toContain('cut="true"')
})

test('rsyslog takes the configuration of docs/OPERATIONS.md', () => {
  const page = readFileSync('docs/OPERATIONS.md', 'utf8')
  const [, text = ''] = /\*\*rsyslog\*\*[\s\S]*?```text\n([\s\S]*?)```/.exec(page) ?? []
  expect(text).toContain('StreamDriver.Mode="1"')
  const { key, cert } = makeCertificate('DNS:logs.example.com')
  const pem = join(root, 'all.pem')
  writeFileSync(pem, `${key}${cert}`)
  const path = join(root, 'rsyslog.conf')
  writeFileSync(path, text.replace(/\/etc\/rsyslog\/\w+\.pem/g, pem))
  // Exits with 1 where something is wrong.
  execFileSync('/usr/sbin/rsyslogd', ['-N1', '-f', path], { stdio: 'pipe' })
})
