import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of its own for one test: a configuration, a home directory, keys. Removed by `remove`. */
export interface ConfigFolder {
  readonly path: string
  /** A home directory with a usable `.ssh/id_ed25519`. */
  readonly home: string
  /** Writes a file below the folder with this mode and returns its path. */
  write(name: string, text: string, mode?: number): string
  remove(): void
}

export function configFolder(): ConfigFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'bridge-config-')))
  const write = (name: string, text: string, mode = 0o600) => {
    const file = join(path, name)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, text)
    chmodSync(file, mode)
    return file
  }
  write('home/.ssh/id_ed25519', privateKeyPem())
  return {
    path,
    home: join(path, 'home'),
    write,
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A fresh Ed25519 private key as PEM, encrypted when a passphrase is given. */
export function privateKeyPem(passphrase?: string): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase !== undefined && { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString()
}
