import type {
  EmbeddedAuthorizationServer,
  EmbeddedAuthorizationServerOptions,
} from '../authserver/embedded.ts'
import type { Config } from '../config/config.ts'
import type { EmbeddedHost, EmbeddedHostOptions } from '../ssh/embedded/embedded-host.ts'

/**
 * What `demo` puts together, each part read only when the demo asks for it: neither the authorization server nor the embedded host is
 * part of a bridge that serves.
 */
export const demoParts = {
  async startHost(options: EmbeddedHostOptions): Promise<EmbeddedHost> {
    const { startEmbeddedHost } = await import('../ssh/embedded/embedded-host.ts')
    return startEmbeddedHost(options)
  },

  async startAuthorizationServer(
    options: EmbeddedAuthorizationServerOptions,
  ): Promise<EmbeddedAuthorizationServer> {
    const { startAuthorizationServer } = await import('../authserver/embedded.ts')
    return startAuthorizationServer(options)
  },

  async startBridge(config: Config): Promise<{ close(): Promise<void> }> {
    const { startBridge } = await import('../app.ts')
    const running = await startBridge(config, { logToStderr: false })
    return { close: () => running.close('the demo is over') }
  },
}
