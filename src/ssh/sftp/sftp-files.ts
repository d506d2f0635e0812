import type { HostName } from '../../domain/host.ts'
import {
  type DirectoryEntry,
  type FileAttributes,
  type OpenFlag,
  SftpError,
  type SftpExtension,
  type SftpHandle,
  type SftpPath,
  type SftpSession,
} from './sftp.ts'
import type { SftpClient } from './sftp-client.ts'
import { attributeParts, OPEN_FLAG, pathBytes, REQUEST } from './sftp-wire.ts'

/** What every server takes (§3: 34000 bytes a packet); OpenSSH's limits extension tells more. */
const USUAL_BYTES = 32_768
/** What we take ourselves of one packet. */
const MOST_BYTES = 255 * 1024

/** The requests of SFTP by name. Parameters are checked here, before a server that cannot read them ends the session. */
export class SftpFiles implements SftpSession {
  readonly hostKey: string
  readonly limits: { readonly readBytes: number; readonly writeBytes: number }
  readonly #client: SftpClient
  readonly #extensions: ReadonlyMap<string, string>
  readonly #handles = new Set<SftpHandle>()
  readonly #onRelease: (isClean: boolean) => void

  private constructor(
    client: SftpClient,
    known: {
      readonly hostKey: string
      readonly extensions: ReadonlyMap<string, string>
      readonly limits: SftpSession['limits']
    },
    onRelease: (isClean: boolean) => void,
  ) {
    this.hostKey = known.hostKey
    this.limits = known.limits
    this.#client = client
    this.#extensions = known.extensions
    this.#onRelease = onRelease
  }

  /** `extensions`: as the server named them. Asks for the server's limits where it tells them. */
  static async over(
    client: SftpClient,
    hostKey: string,
    extensions: ReadonlyMap<string, string>,
    onRelease: (isClean: boolean) => void,
  ): Promise<SftpFiles> {
    const limits = { readBytes: USUAL_BYTES, writeBytes: USUAL_BYTES }
    if (extensions.has('limits@openssh.com')) {
      const reply = await client.request(REQUEST.extended, 'extended', [Buffer.from('limits@openssh.com')])
      if (reply.remaining < 24) throw new SftpError('protocol_broken', `${client.host} told no limits`)
      reply.u64()
      // 0 means that there is none.
      limits.readBytes = Math.min(reply.u64() || MOST_BYTES, MOST_BYTES)
      limits.writeBytes = Math.min(reply.u64() || MOST_BYTES, MOST_BYTES)
    }
    return new SftpFiles(client, { hostKey, extensions, limits }, onRelease)
  }

  get host(): HostName {
    return this.#client.host
  }

  get origin(): object {
    return this.#client
  }

  get isAlive(): boolean {
    return this.#client.isAlive
  }

  offers(extension: SftpExtension): boolean {
    return this.#extensions.has(extension)
  }

  async open(
    path: SftpPath,
    flags: readonly OpenFlag[],
    attributes: FileAttributes = {},
  ): Promise<SftpHandle> {
    const bits = flags.reduce((sum, flag) => sum | OPEN_FLAG[flag], 0)
    const parts = [pathBytes(path), bits, ...attributeParts(attributes)]
    return this.#opened(await this.#client.request(REQUEST.open, 'handle', parts))
  }

  async close(handle: SftpHandle): Promise<void> {
    this.#handles.delete(handle)
    await this.#client.request(REQUEST.close, 'status', [handle.bytes])
  }

  async read(handle: SftpHandle, offset: number, length: number): Promise<Buffer | undefined> {
    const pieces = await this.readPieces(handle, offset, length)
    if (pieces === undefined) return undefined
    const [first] = pieces
    return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces)
  }

  readPieces(handle: SftpHandle, offset: number, length: number): Promise<readonly Buffer[] | undefined> {
    const mostBytes = Math.min(length, this.limits.readBytes)
    return this.#client.request(REQUEST.read, 'data', [handle.bytes, { u64: offset }, mostBytes], {
      mostBytes,
    })
  }

  async write(handle: SftpHandle, offset: number, data: Buffer): Promise<void> {
    const { writeBytes } = this.limits
    if (data.length <= writeBytes) return this.writePieces(handle, offset, [data])
    const requests: Promise<void>[] = []
    for (let at = 0; at < data.length; at += writeBytes)
      requests.push(this.writePieces(handle, offset + at, [data.subarray(at, at + writeBytes)]))
    await Promise.all(requests)
  }

  writePieces(handle: SftpHandle, offset: number, data: readonly Buffer[]): Promise<void> {
    const dataBytes = data.reduce((sum, piece) => sum + piece.length, 0)
    const parts = [handle.bytes, { u64: offset }, dataBytes]
    return this.#client.request(REQUEST.write, 'status', parts, { data, dataBytes })
  }

  async stat(path: SftpPath): Promise<FileAttributes> {
    return this.#client.request(REQUEST.stat, 'attrs', [pathBytes(path)])
  }

  async lstat(path: SftpPath): Promise<FileAttributes> {
    return this.#client.request(REQUEST.lstat, 'attrs', [pathBytes(path)])
  }

  async fstat(handle: SftpHandle): Promise<FileAttributes> {
    return this.#client.request(REQUEST.fstat, 'attrs', [handle.bytes])
  }

  async setstat(path: SftpPath, attributes: FileAttributes): Promise<void> {
    await this.#client.request(REQUEST.setstat, 'status', [pathBytes(path), ...attributeParts(attributes)])
  }

  async fsetstat(handle: SftpHandle, attributes: FileAttributes): Promise<void> {
    await this.#client.request(REQUEST.fsetstat, 'status', [handle.bytes, ...attributeParts(attributes)])
  }

  async lsetstat(path: SftpPath, attributes: FileAttributes): Promise<void> {
    await this.#extended('lsetstat@openssh.com', [pathBytes(path), ...attributeParts(attributes)])
  }

  async opendir(path: SftpPath): Promise<SftpHandle> {
    return this.#opened(await this.#client.request(REQUEST.opendir, 'handle', [pathBytes(path)]))
  }

  readdir(handle: SftpHandle): Promise<readonly DirectoryEntry[] | undefined> {
    return this.#client.request(REQUEST.readdir, 'name', [handle.bytes])
  }

  async mkdir(path: SftpPath, attributes: FileAttributes = {}): Promise<void> {
    await this.#client.request(REQUEST.mkdir, 'status', [pathBytes(path), ...attributeParts(attributes)])
  }

  async rmdir(path: SftpPath): Promise<void> {
    await this.#client.request(REQUEST.rmdir, 'status', [pathBytes(path)])
  }

  async remove(path: SftpPath): Promise<void> {
    await this.#client.request(REQUEST.remove, 'status', [pathBytes(path)])
  }

  async realpath(path: SftpPath): Promise<Buffer> {
    return this.#oneName(await this.#client.request(REQUEST.realpath, 'name', [pathBytes(path)]))
  }

  async readlink(path: SftpPath): Promise<Buffer> {
    return this.#oneName(await this.#client.request(REQUEST.readlink, 'name', [pathBytes(path)]))
  }

  async symlink(target: SftpPath, link: SftpPath): Promise<void> {
    // OpenSSH and those that follow it have the two in this order, the reverse of the draft's §6.10.
    await this.#client.request(REQUEST.symlink, 'status', [pathBytes(target), pathBytes(link)])
  }

  async rename(from: SftpPath, to: SftpPath): Promise<void> {
    await this.#client.request(REQUEST.rename, 'status', [pathBytes(from), pathBytes(to)])
  }

  async posixRename(from: SftpPath, to: SftpPath): Promise<void> {
    await this.#extended('posix-rename@openssh.com', [pathBytes(from), pathBytes(to)])
  }

  async hardlink(from: SftpPath, to: SftpPath): Promise<void> {
    await this.#extended('hardlink@openssh.com', [pathBytes(from), pathBytes(to)])
  }

  async fsync(handle: SftpHandle): Promise<void> {
    await this.#extended('fsync@openssh.com', [handle.bytes])
  }

  release(how?: 'discard'): void {
    const isClean = this.isAlive && this.#handles.size === 0 && this.#client.openRequests === 0
    this.#handles.clear()
    this.#onRelease(isClean && how !== 'discard')
  }

  #opened(bytes: Buffer): SftpHandle {
    const handle = { bytes }
    this.#handles.add(handle)
    return handle
  }

  async #extended(extension: SftpExtension, parts: Parameters<SftpClient['request']>[2]): Promise<void> {
    if (!this.offers(extension)) throw new SftpError('unsupported', `the host does not offer ${extension}`)
    await this.#client.request(REQUEST.extended, 'status', [Buffer.from(extension), ...parts])
  }

  #oneName(entries: readonly DirectoryEntry[] | undefined): Buffer {
    const [first, second] = entries ?? []
    if (first === undefined || second !== undefined) {
      this.#client.giveUp('protocol_broken', `${this.host} broke the SFTP protocol: not exactly one name`)
      throw new SftpError('protocol_broken', 'not exactly one name')
    }
    return first.name
  }
}
