import { join } from 'node:path'
import { type Registration, Registrations } from '../authserver/registrations.ts'
import { type Rotation, type SigningKey, SigningKeys } from '../authserver/signing-keys.ts'
import type { Config } from '../config/config.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { type Clock, outlive, systemClock } from '../lib/clock.ts'
import { SealedBox } from '../store/sealed-box.ts'
import { SealedRows } from '../store/sealed-rows.ts'
import { secretInFile, secretOfPhrase } from '../store/sealing-secret.ts'
import type { Database } from '../store/sql/database.ts'
import { AtCommandLine, here } from './at-command-line.ts'
import { databasePlace } from './database-place.ts'

/**
 * What the built-in login keeps, as the command line has it, whether a bridge runs or not. A running one takes a change up within a
 * second.
 */
export class LoginInStore {
  readonly #line: AtCommandLine
  readonly #keys: SigningKeys
  readonly #registrations: Registrations

  private constructor(line: AtCommandLine, config: Config, log: Log) {
    const state = sealedRows(config, line.database, { clock: systemClock, log })
    const keepMs = config.server.auth.oauth?.embedded?.registration.keepMs ?? 0
    this.#line = line
    this.#keys = new SigningKeys(state, systemClock)
    this.#registrations = new Registrations(state, systemClock, () => keepMs)
  }

  /** @throws BridgeError while nothing was kept yet: it may be the wrong place, and a key made here would be root's. */
  static async open(config: Config, log: Log): Promise<LoginInStore> {
    const { text, isNew } = databasePlace(config)
    if (isNew)
      throw new BridgeError(
        'bad_request',
        `nothing is kept in ${text} yet: start the bridge once, or name its configuration`,
      )
    return new LoginInStore(await AtCommandLine.open(config), config, log)
  }

  /** Resolves to the new keys, once they are published and on record. */
  rotate(how: Rotation): Promise<readonly SigningKey[]> {
    return outlive(this.#rotate(how))
  }

  clients(): Promise<readonly Registration[]> {
    return outlive(this.#registrations.list())
  }

  /** Forgets all of them, or none when one is not there: that is the answer then. */
  forget(ids: readonly string[]): Promise<string | undefined> {
    return outlive(this.#forget(ids))
  }

  close(): Promise<void> {
    return this.#line.close()
  }

  async #rotate(how: Rotation): Promise<readonly SigningKey[]> {
    const made = await this.#keys.rotate(how)
    const from = new Date(Math.min(...made.map(({ signsFromMs }) => signsFromMs)))
    const keys = made.map(({ kid }) => kid)
    await this.#line.append({ type: 'key.rotated', at: systemClock.now(), keys, from, by: here() })
    return made
  }

  async #forget(ids: readonly string[]): Promise<string | undefined> {
    for (const id of ids) if ((await this.#registrations.find(id)) === undefined) return id
    for (const client of ids) {
      const at = systemClock.now()
      if (await this.#registrations.remove(client))
        await this.#line.append({ type: 'client.forgotten', at, client, by: here() })
    }
    return undefined
  }
}

/** What the built-in login and the console keep, sealed, in the database: of all instances that have the same secret. */
export function sealedRows(
  { storage, server, console: own }: Config,
  database: Database,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): SealedRows {
  const phrase = server.auth.oauth?.embedded?.encryptionKey ?? own.encryptionKey
  const file = join(storage.directory, 'login', 'key')
  const secret = phrase === undefined ? secretInFile(file) : secretOfPhrase(phrase)
  return new SealedRows(database, new SealedBox(secret), clock, log)
}
