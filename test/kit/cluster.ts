import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestPostgres } from './postgres.ts'
import { type AuditRecord, type Product, startProduct } from './product.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** Several products on one PostgreSQL, each a process of its own that shares nothing else with the others. */
export interface Cluster {
  readonly members: readonly Member[]
  /** Where something in front of them is to listen, as they know it. */
  readonly publicPort: number
  /** All rows of the audit in their order: the record, and which instance wrote it. */
  audit(): Promise<readonly AuditedRecord[]>
  query<R>(text: string): Promise<readonly R[]>
  stop(): Promise<void>
}

export interface Member {
  readonly url: string
  readonly port: number
  /** Its wire to PostgreSQL. */
  readonly wire: TcpProxy
  product(): Product
  kill(): Promise<void>
  /** Starts it again, at the same address. */
  start(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  readonly configPath: string
  /** Writes its configuration again, changed. */
  configure(change: (yaml: string) => string): void
}

export interface AuditedRecord extends AuditRecord {
  readonly instance: string
  readonly seq: number
  readonly line: string
}

export const keyOf = (name: string) => `a-key-of-${name}-for-the-cluster-tests`

/** YAML: API keys of these names, that may do everything. */
export function keysYaml(
  names: readonly string[],
  more = 'scopes: [mcp:execute, mcp:approve, mcp:admin, mcp:operate]',
): string {
  const key = (name: string) =>
    `    - {name: ${name}, sha256: ${createHash('sha256').update(keyOf(name)).digest('hex')}, ${more}}`
  return `  api_keys:\n${names.map(key).join('\n')}\n`
}

/** @param yaml everything but where it is stored. */
export async function startCluster(
  postgres: TestPostgres,
  count: number,
  yaml: string,
  publicPort: number,
): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-cluster-'))
  const url = await postgres.database()
  const members = await Promise.all(
    Array.from({ length: count }, (_, index) => startMember(directory, index, url, yaml)),
  )
  const client = new pg.Pool({ connectionString: url, max: 2 })
  client.on('error', () => undefined)
  const query = async <R>(text: string) => (await client.query(text)).rows as R[]
  return {
    members,
    publicPort,
    query,
    audit: async () => {
      const rows = await query<{ seq: string; instance: string; line: string }>(
        'SELECT seq, instance, line FROM audit ORDER BY seq',
      )
      return rows.map(({ seq, instance, line }) => ({
        ...JSON.parse(line),
        instance,
        seq: Number(seq),
        line,
      }))
    },
    async stop() {
      await Promise.all(
        members.map(async (member) => {
          member.signal('SIGCONT')
          await member.product().stop()
          await member.wire.stop()
        }),
      )
      await client.end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function startMember(parent: string, index: number, url: string, yaml: string): Promise<Member> {
  const directory = join(parent, String(index))
  const configPath = `${directory}.yaml`
  const wire = await startTcpProxy(Number(new URL(url).port))
  const through = new URL(url)
  through.port = String(wire.port)
  const configure: Member['configure'] = (change) => {
    const storage = `storage: {directory: ${directory}, url: '${through.href}'}\n`
    writeFileSync(configPath, storage + change(yaml), { mode: 0o600 })
  }
  configure((same) => same)
  let product = await startProduct({ configPath })
  const port = Number(new URL(product.url).port)
  return {
    url: product.url,
    port,
    wire,
    configPath,
    configure,
    product: () => product,
    kill: async () => {
      await product.stop('SIGKILL')
    },
    start: async () => {
      product = await startProduct({ configPath }, { port })
    },
    signal: (name) => void product.process.kill(name),
  }
}
