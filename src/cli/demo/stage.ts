import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomHex } from '../../lib/ids.ts'
import { type DemoPlaces, demoConfig } from './demo-config.ts'
import type { Closable, DemoHost, DemoParts, DemoUser } from './parts.ts'

/** Everything the play needs: real parts, all on 127.0.0.1, and a temporary directory for what they write. */
export interface Stage extends Closable {
  /** The bridge's address, without a slash at the end. */
  readonly bridgeUrl: string
  readonly issuer: string
  readonly user: DemoUser
  readonly host: DemoHost
  readonly places: DemoPlaces
}

export const SCOPES = { execute: 'mcp:execute', admin: 'mcp:admin' } as const

/** The account on the embedded host. The model never learns it. */
const SSH_USERNAME = 'demo-operator'
const TOKEN_SECONDS = 3_600

/** Starts SSH host, authorization server and bridge. What was started is ended again when a later part does not start. */
export async function setStage(parts: DemoParts): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'ssh-mcp-bridge-demo-'))
  const started: Closable[] = [
    { close: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }) },
  ]
  const close = async () => {
    for (const part of started.splice(0).reverse()) await part.close()
  }
  try {
    const places = await makePlaces(directory)
    const host = await parts.startHost({ home: places.home, username: SSH_USERNAME })
    started.push(host)
    await writeFile(places.privateKey, host.clientPrivateKey, { mode: 0o600 })

    const port = await freePort()
    const bridgeUrl = `http://127.0.0.1:${port}`
    const user = {
      username: 'user',
      password: randomHex().slice(0, 16),
      email: 'user@example.com',
      name: 'Example User',
    }
    const authorization = await parts.startAuthorizationServer({
      resource: [bridgeUrl, `${bridgeUrl}/mcp`],
      scopes: Object.values(SCOPES),
      users: [user],
      accessTokenSeconds: TOKEN_SECONDS,
    })
    started.push(authorization)

    const { issuer } = authorization
    const ssh = { port: host.port, username: SSH_USERNAME, hostKey: host.hostKeyFingerprint }
    started.push(await parts.startBridge(demoConfig({ bridgeUrl, port, issuer, ssh, places })))
    return { bridgeUrl, issuer, user, host, places, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function makePlaces(directory: string): Promise<DemoPlaces> {
  const places = {
    home: join(directory, 'home'),
    privateKey: join(directory, 'id_ed25519'),
    database: `sqlite:${join(directory, 'bridge.db')}`,
    storage: join(directory, 'storage'),
    log: join(directory, 'bridge.log'),
  }
  await mkdir(places.home)
  return places
}

/** A port that is free now. The configuration and the authorization server must name it before the bridge listens on it. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
