import { expect } from 'vitest'
import { type DoctorOptions, diagnose } from '../../src/app/doctor.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Level } from '../../src/doctor/finding.ts'
import type { DoctorReport } from '../../src/doctor/report-json.ts'
import { freePort } from './free-port.ts'
import { LoginServer } from './login-server.ts'
import { type ProxyWish, startProxy } from './nginx-proxy.ts'
import { type Home, makeHome, type Product, startProduct } from './product.ts'
import { type TestAuthority, testAuthority } from './test-certificates.ts'

/** What is seeded, which check has to find it, how loudly, and what its fix has to name. */
export type Seed = readonly [
  title: string,
  check: string,
  level: Level,
  fix: RegExp,
  report: () => Promise<DoctorReport>,
]

/** A bridge behind nginx with TLS, an authorization server beside it, and a doctor that looks at them. */
export interface Surgery {
  readonly publicUrl: string
  readonly port: number
  readonly login: LoginServer
  readonly authority: TestAuthority
  readonly product: Product
  readonly config: Config
  /** Behind a good proxy, or one that is told how to be wrong. */
  behind(wish: Partial<ProxyWish>, options?: Partial<DoctorOptions>): Promise<DoctorReport>
  /** Behind the good proxy; `seed` makes the authorization server wrong, and it is good again afterwards. */
  having(seed: (login: LoginServer) => void, options?: Partial<DoctorOptions>): Promise<DoctorReport>
  /** Without a proxy of its own. */
  look(options: Partial<DoctorOptions>): Promise<DoctorReport>
  /** The configuration with other text in it. */
  configured(change: (yaml: string) => string): Promise<Config>
  close(): Promise<void>
}

export async function openSurgery(hosts: string): Promise<Surgery> {
  const authority = testAuthority()
  const login = await LoginServer.start()
  const port = await freePort()
  const publicUrl = `https://localhost:${port}`
  const yaml = `server:
  public_url: ${publicUrl}
  enable_http: true
  cors_origins: [https://inspector.example.com]
  oauth: {enabled: true, issuer: ${login.url}, audience: ${publicUrl}/mcp}
hosts:
${hosts}`
  const home = await makeHome()
  home.configure(yaml)
  const [product, config] = await Promise.all([startProduct(home), readConfig(home)])
  const certificate = authority.issue()
  const look: Surgery['look'] = (options) =>
    diagnose({
      baseUrl: publicUrl,
      config,
      clients: [],
      hosts: [],
      progress: () => {},
      ca: authority.ca,
      ...options,
    })
  const behind: Surgery['behind'] = async (wish, options = {}) => {
    const end = await startProxy({ port, upstream: product.url, certificate, ...wish })
    try {
      return await look(options)
    } finally {
      await end()
    }
  }
  const homes = [home]
  return {
    publicUrl,
    port,
    login,
    authority,
    product,
    config,
    look,
    behind,
    async having(seed, options) {
      seed(login)
      try {
        return await behind({}, options)
      } finally {
        login.reset()
      }
    },
    async configured(change) {
      const other = await makeHome()
      homes.push(other)
      other.configure(change(yaml))
      return readConfig(other)
    },
    async close() {
      await product.stop()
      await login.close()
      authority.remove()
      await Promise.all(homes.map((one) => one.remove()))
    },
  }
}

export async function readConfig({ configPath }: Pick<Home, 'configPath'>): Promise<Config> {
  const result = await loadConfig(configPath, {})
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.config
}

/** The finding is there, as loud as it should be, with a fix that names the remedy and the page that explains it. */
export function expectFound(report: DoctorReport, [, check, level, fix]: Seed): void {
  const told = report.findings.filter((one) => one.check === check && one.level === level)
  const all = report.findings
    .filter((one) => one.level !== 'ok')
    .map((one) => `${one.level} ${one.check}: ${one.what}`)
  expect(told, all.join('\n')).not.toEqual([])
  expect(told.map((one) => one.fix).join('\n')).toMatch(fix)
  expect(told[0]?.page).toBe(`docs/DOCTOR.md#${check}`)
  expect(report.result).toBe(level === 'failure' ? 'failed' : report.result)
}

/** Nothing that a healthy set-up would be called wrong for. */
export function troubleIn({ findings }: DoctorReport): readonly string[] {
  return findings
    .filter(({ level }) => level === 'warning' || level === 'failure')
    .map(({ check, subject, what, why }) => `${check} (${subject}): ${what} ${why ?? ''}`)
}
