import { openCore } from '../../src/app/core.ts'
import { serveHttp } from '../../src/app/serve-http.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { MASTER } from '../kit/api-keys.ts'
import { FakeIssuer, SILENT, signToken } from '../kit/fake-issuer.ts'
import { type LoopbackProxy, startLoopbackProxy } from '../kit/loopback-proxy.ts'
import { type Home, makeHome, startProduct } from '../kit/product.ts'
import { fixtureServer } from './fixture-server.ts'

/** A bridge that lets nobody in without a token, and the way in for the suite, which cannot send one. */
export interface Served {
  /** For the suite: signed in. */
  readonly url: string
  /** The bridge itself. */
  readonly closedUrl: string
  close(): Promise<void>
}

/** The built product, as a person starts it, with an API key. */
export async function serveProduct(): Promise<Served> {
  return behindProxy(async (proxy, home) => {
    home.configure(`server: {enable_http: true, public_url: "${proxy.url}", api_key: ${MASTER}}\nhosts: []\n`)
    const product = await startProduct(home)
    return { url: product.url, token: MASTER, close: () => product.stop() }
  })
}

/** All of the product in front of the tools: configuration, store, guards, sign-in, both eras, limits. Behind them the suite's fixtures. */
export async function serveFixtures(): Promise<Served> {
  return behindProxy(async (proxy, home) => {
    const issuer = await FakeIssuer.start()
    const oauth = `{enabled: true, issuer: "${issuer.url}", jwks_uri: "${issuer.jwksUri}", audience: "${proxy.url}"}`
    home.configure(
      `server: {enable_http: true, port: 0, public_url: "${proxy.url}", oauth: ${oauth}}\nhosts: []\n`,
    )
    const loaded = await loadConfig(home.configPath, {})
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
    const core = await openCore(loaded.config, SILENT)
    const edge = await serveHttp(core, fixtureServer)
    const nowS = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer.url,
      aud: proxy.url,
      sub: 'user-1',
      iat: nowS,
      exp: nowS + 600,
      scope: 'mcp:execute',
    }
    return {
      url: edge.url,
      token: signToken(claims, issuer.addKey('rsa-1', 'RS256')),
      async close() {
        await core.drain()
        await edge.close(500)
        await core.close()
        await issuer.close()
      },
    }
  })
}

interface Bridge {
  readonly url: string
  readonly token: string
  close(): Promise<unknown>
}

async function behindProxy(start: (proxy: LoopbackProxy, home: Home) => Promise<Bridge>): Promise<Served> {
  const [proxy, home] = await Promise.all([startLoopbackProxy(), makeHome()])
  const bridge = await start(proxy, home)
  proxy.passTo(bridge.url, bridge.token)
  return {
    url: `${proxy.url}/mcp`,
    closedUrl: `${bridge.url}/mcp`,
    async close() {
      await proxy.close()
      await bridge.close()
      await home.remove()
    },
  }
}
