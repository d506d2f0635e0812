import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { auditLines, hostYaml, makeHome, PROGRAM, startProduct } from '../kit/product.ts'
import { startRsyslog } from '../kit/rsyslog.ts'
import { runCli } from '../kit/run-cli.ts'
import { receivedLines, startReceiver } from '../kit/sink-parts.ts'
import { startSshd } from '../kit/sshd.ts'

const patient = { interval: 100 }

test('one call is in the database, in a file, on standard output, at rsyslog, a webhook and a collector; one of them is down, and nobody waits for it', async () => {
  const [sshd, home, rsyslog] = [await startSshd(), await makeHome(), await startRsyslog('tls')]
  const [webhook, collector] = [await startReceiver(), await startReceiver('/v1/logs')]
  webhook.mood = { status: 503 }
  const state = join(home.directory, 'state')
  const copies = join(home.directory, 'copies')
  home.configure(`server: {enable_http: true}
hosts:\n${hostYaml('web-server', sshd)}
audit:
  sinks:
    - {kind: file, directory: ${copies}}
    - {kind: stdout, types: [call.finished]}
    - {kind: syslog, address: '127.0.0.1:${rsyslog.port}', tls: {ca: ${rsyslog.ca}}}
    - {kind: webhook, url: '${webhook.url}', secret: of this webhook and no other}
    - {kind: otlp, endpoint: 'http://127.0.0.1:${new URL(collector.url).port}'}
`)
  const product = await startProduct(home)
  let stdout = ''
  product.process.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  const client = await connectHttp(`${product.url}/mcp`, undefined)
  const sinks = async () => {
    const args = [PROGRAM, 'audit', 'sinks', '--json', '--config', home.configPath]
    const told = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout)
    return new Map<string, { lag_records: number; fault?: string }>(
      told.sinks.map((sink: { name: string }) => [sink.name.split('@')[0], sink]),
    )
  }
  try {
    for (let call = 0; call < 5; call += 1)
      expect(await run(client, 'web-server', `echo ${call}`)).toMatchObject({ stdout: `${call}\n` })
    await expect.poll(async () => (await sinks()).get('webhook')?.fault, patient).toContain('HTTP 503')
    const lines = auditLines(state)
    const inFiles = () =>
      readdirSync(copies).flatMap((name) => readFileSync(join(copies, name), 'utf8').trimEnd().split('\n'))
    await expect.poll(inFiles, patient).toEqual(lines)
    await expect.poll(() => rsyslog.messages().map(({ text }) => text), patient).toEqual(lines)
    const logged = () =>
      collector.bodies.flatMap((body) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords)
    await expect.poll(() => logged().map(({ body }) => body.stringValue), patient).toEqual(lines)
    const finished = lines.filter((line) => JSON.parse(line).type === 'call.finished')
    expect(finished.length).toBeGreaterThanOrEqual(5)
    await expect.poll(() => stdout.trimEnd().split('\n'), patient).toEqual(finished)
    expect(webhook.bodies).toEqual([])

    webhook.mood = 'well'
    await expect.poll(() => receivedLines(webhook.bodies), patient).toEqual(lines)
    await expect.poll(async () => (await sinks()).get('webhook'), patient).not.toHaveProperty('fault')
    expect((await sinks()).get('file')).toMatchObject({ lag_records: 0 })
    const metrics = await (await fetch(`${product.url}/metrics`)).text()
    expect(metrics).toMatch(/ssh_mcp_bridge_sink_waiting_records\{sink="webhook"\} 0/)
    await client.close()
    await product.stop()
    // The last record too.
    expect(auditLines(state).join()).toContain('"type":"bridge.stopped"')
    expect(inFiles()).toEqual(auditLines(state))
    expect(receivedLines(webhook.bodies)).toEqual(auditLines(state))
  } finally {
    await product.stop()
    await Promise.all([sshd.stop(), rsyslog.stop(), webhook.stop(), collector.stop()])
    await home.remove()
  }
})

test('copies in files prove what was run, without the bridge: checkpoints that are kept elsewhere find a log that was cut back, and a receipt proves its result', async () => {
  const [sshd, home] = [await startSshd(), await makeHome()]
  const [copies, anchors] = [join(home.directory, 'copies'), join(home.directory, 'anchors')]
  home.configure(`server: {enable_http: true}
hosts:\n${hostYaml('web-server', sshd)}
audit:
  receipts: true
  sinks:
    - {kind: file, directory: ${copies}}
    - {kind: file, name: anchors, directory: ${anchors}, types: [audit.checkpoint]}
`)
  const product = await startProduct(home)
  const keys = join(home.directory, 'keys.pem')
  const put = (name: string, content: string) => {
    writeFileSync(join(home.directory, name), content)
    return join(home.directory, name)
  }
  const verify = async (path: string, ...more: string[]) => {
    const { code, out, err } = await runCli('audit', 'verify', path, '--key', keys, ...more)
    expect(err).toBe('')
    return { code, told: out.split('\n')[0] }
  }
  try {
    writeFileSync(keys, (await runCli('audit', 'public-key', '--config', home.configPath)).out)
    const client = await connectHttp(`${product.url}/mcp`, undefined)
    const result = await run(client, 'web-server', 'echo to the caller; echo of the other >&2; exit 3')
    await client.close()
    await product.stop()
    expect(result).toMatchObject({ stdout: 'to the caller\n', receipt: { type: 'receipt' } })
    const receipt = (content: object) =>
      runCli('audit', 'verify-receipt', put('receipt.json', JSON.stringify(content)), '--key', keys)
    expect(await receipt(result)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^good: call_\S+ ended /),
    })
    expect(await receipt({ ...result, stdout: 'to somebody else\n' })).toMatchObject({ code: 1 })

    expect(await verify(copies)).toEqual({ code: 0, told: expect.stringMatching(/^good: log log_/) })
    expect(await verify(copies, '--anchors', anchors)).toMatchObject({ code: 0 })
    const lines = auditLines(join(home.directory, 'state'))
    const before = put('before.jsonl', `${lines.slice(0, 2).join('\n')}\n`)
    // It ends with a checkpoint, so it proves nothing against itself.
    expect(await verify(before)).toMatchObject({ code: 0 })
    for (const kept of [anchors, put('receipt.jsonl', JSON.stringify(result.receipt))])
      expect(await verify(before, '--anchors', kept)).toEqual({
        code: 1,
        told: expect.stringMatching(/^BAD: record 3, line 3: cut_back: /),
      })
  } finally {
    await product.stop()
    await sshd.stop()
    await home.remove()
  }
})
