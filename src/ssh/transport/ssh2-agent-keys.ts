import { readFile } from 'node:fs/promises'
import ssh2, { type IdentityCallback, type ParsedKey } from 'ssh2'

/**
 * An agent that is asked for none but the keys of these public key files, in their order: a host lets a client try few keys, and an
 * agent may hold many. A file that cannot be read names no key.
 */
export async function agentWithKeys(
  socket: string,
  publicKeyFiles: readonly string[],
): Promise<InstanceType<typeof ssh2.OpenSSHAgent>> {
  const wanted: Buffer[] = []
  for (const path of publicKeyFiles) {
    const parsed = ssh2.utils.parseKey(await readFile(path).catch(() => ''))
    if (!(parsed instanceof Error)) wanted.push(parsed.getPublicSSH())
  }
  return new ChosenKeys(socket, wanted)
}

class ChosenKeys extends ssh2.OpenSSHAgent {
  readonly #wanted: readonly Buffer[]

  constructor(socket: string, wanted: readonly Buffer[]) {
    super(socket)
    this.#wanted = wanted
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys = []) => {
      if (error) return done(error)
      const isOne = (blob: Buffer) => (key: (typeof keys)[number]) =>
        'getPublicSSH' in key && key.getPublicSSH().equals(blob)
      done(
        null,
        this.#wanted.flatMap((blob) => keys.filter(isOne(blob))),
      )
    })
  }
}
