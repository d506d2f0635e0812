import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ManyHosts, startManyHosts } from '../test/kit/many-hosts.ts'
import { type Home, makeHome } from '../test/kit/product.ts'
import { type Sshd, type SshdOptions, startSshd } from '../test/kit/sshd.ts'

/** How much is done, and beside whom. */
export interface StageOptions {
  /** Calls of each contender where one call is short; everything longer is done in proportion. */
  readonly rounds: number
  readonly peers: boolean
  /** Bytes that each of the fifty heavy commands prints. */
  readonly heavyBytes: number
  /** Another checkout of the bridge. */
  readonly against?: string
}

/** What one row has set up; taken down in reverse order, so that nothing of a row disturbs the next. */
export class Stage {
  readonly options: StageOptions
  readonly #cleanups: (() => unknown)[] = []

  constructor(options: StageOptions) {
    this.options = options
  }

  /** How often to do what takes longer: a share of the rounds, and so many at least. */
  rounds(share: number, least: number): number {
    return Math.max(Math.min(least, this.options.rounds), Math.round(this.options.rounds * share))
  }

  after(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  /** More sessions than OpenSSH allows unless told otherwise: what is measured is the clients, not the host's limit. */
  async sshd(options: SshdOptions = {}): Promise<Sshd> {
    const config = ['MaxSessions 64', 'Subsystem sftp internal-sftp']
    const sshd = await startSshd({ config, ...options })
    this.after(() => sshd.stop())
    return sshd
  }

  async fleet(count: number): Promise<ManyHosts> {
    const fleet = await startManyHosts(count)
    this.after(() => fleet.stop())
    return fleet
  }

  async home(): Promise<Home> {
    const home = await makeHome()
    this.after(() => home.remove())
    return home
  }

  /** A folder of its own, on the disk and below nothing that others may write. */
  folder(): string {
    const folder = mkdtempSync(resolve('node_modules', '.bench-'))
    this.after(() => rmSync(folder, { recursive: true, force: true }))
    return folder
  }

  async strike(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      try {
        await cleanup()
      } catch (error) {
        console.error(`after the row: ${String(error)}`)
      }
    }
  }
}

/** Programs beside the benchmark that run as processes of their own. */
export const part = (name: string) => resolve(join('bench', 'parts', name))
