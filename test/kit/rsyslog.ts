import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from './certificate.ts'
import { freePort } from './free-port.ts'

/** Debian's rsyslog in a folder of its own, which writes what it takes to a file. */
export interface TestRsyslog {
  readonly port: number
  /** What must be trusted to trust it, as a PEM file. */
  readonly ca: string
  /** The messages in the order of their arrival, one a line. */
  messages(): ReceivedMessage[]
  /** SIGKILL, or SIGSTOP and SIGCONT. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  start(): Promise<void>
  stop(): Promise<void>
}

export interface ReceivedMessage {
  readonly data: string
  readonly app: string
  readonly type: string
  readonly facility: string
  readonly severity: string
  readonly text: string
}

/** A local socket instead of a network: where `logger --socket` of a host writes. */
export const LOCAL_SOCKET = 'log.sock'

export async function startRsyslog(
  protocol: 'tls' | 'tcp' | 'udp' | 'local',
): Promise<TestRsyslog & { readonly directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-rsyslog-'))
  const port = await freePort()
  const [out, conf, ca, key] = ['out', 'rsyslog.conf', 'cert.pem', 'key.pem'].map((name) =>
    join(directory, name),
  ) as [string, string, string, string]
  const made = makeCertificate('DNS:logs.example.com', 'IP:127.0.0.1')
  writeFileSync(ca, made.cert)
  writeFileSync(key, made.key, { mode: 0o600 })
  mkdirSync(join(directory, 'work'))
  writeFileSync(conf, configuration(protocol, { directory, port, out, ca, key }))
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    // What it was writing when it was killed is no message, and not the beginning of the next one.
    if (existsSync(out)) appendFileSync(out, '\n')
    const child = spawn('/usr/sbin/rsyslogd', ['-n', '-f', conf, '-i', join(directory, 'pid')], {
      stdio: 'ignore',
    })
    server = child
    for (let left = 200; left > 0; left -= 1) {
      if (child.exitCode !== null) throw new Error(`rsyslogd ended with ${child.exitCode}`)
      if (protocol === 'local' ? existsSync(join(directory, LOCAL_SOCKET)) : await listens(protocol, port))
        return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('rsyslogd does not listen')
  }
  async function end(): Promise<void> {
    const ending = server
    server = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGKILL')
    await gone
    rmSync(join(directory, 'pid'), { force: true })
  }
  await start()
  return {
    directory,
    port,
    ca,
    messages: () => (existsSync(out) ? readMessages(readFileSync(out, 'utf8')) : []),
    kill: end,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    start,
    async stop() {
      await end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Places {
  readonly directory: string
  readonly port: number
  readonly out: string
  readonly ca: string
  readonly key: string
}

function configuration(
  protocol: 'tls' | 'tcp' | 'udp' | 'local',
  { directory, port, out, ca, key }: Places,
): string {
  const tls = `DefaultNetstreamDriverCAFile="${ca}" DefaultNetstreamDriverCertFile="${ca}" DefaultNetstreamDriverKeyFile="${key}"`
  const inputs = {
    tls: `module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imtcp" port="${port}" address="127.0.0.1")`,
    tcp: `module(load="imtcp")\ninput(type="imtcp" port="${port}" address="127.0.0.1")`,
    udp: `module(load="imudp")\ninput(type="imudp" port="${port}" address="127.0.0.1")`,
    local: `module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${join(directory, LOCAL_SOCKET)}" CreatePath="off" RateLimit.Interval="0")`,
  }
  const fields = ['structured-data', 'app-name', 'msgid', 'syslogfacility-text', 'syslogseverity-text', 'msg']
  return `global(workDirectory="${join(directory, 'work')}" maxMessageSize="256k" ${protocol === 'tls' ? tls : ''})
${inputs[protocol]}
template(name="fields" type="string" string="${fields.map((field) => `%${field}%`).join('\\t')}\\n")
action(type="omfile" file="${out}" template="fields" flushOnTXEnd="on" asyncWriting="off")
`
}

function readMessages(text: string): ReceivedMessage[] {
  const whole = text.split('\n').slice(0, -1)
  return whole
    .map((line) => {
      const [data = '', app = '', type = '', facility = '', severity = '', ...rest] = line.split('\t')
      return { data, app, type, facility, severity, text: rest.join('\t').trimStart() }
    })
    .filter(({ app, text }) => app === 'ssh-mcp-bridge' && (!text.startsWith('{') || text.endsWith('}')))
}

function listens(protocol: string, port: number): Promise<boolean> {
  // Nobody can ask whether a datagram would be taken.
  if (protocol === 'udp') return new Promise((resolve) => setTimeout(() => resolve(true), 500))
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
