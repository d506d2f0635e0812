import { type DirectoryEntry, type FileAttributes, type OpenFlag, SftpError, type SftpPath } from './sftp.ts'

/** draft-ietf-secsh-filexfer-02 §3: the kinds of packets. */
export const REQUEST = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  extended: 200,
} as const

export const REPLY = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 201,
} as const

/** §6.3. */
export const OPEN_FLAG: Readonly<Record<OpenFlag, number>> = {
  read: 0x01,
  write: 0x02,
  append: 0x04,
  create: 0x08,
  truncate: 0x10,
  exclusive: 0x20,
}

/** §5: which parts of the attributes are there. */
const HAS = { size: 0x1, owner: 0x2, mode: 0x4, times: 0x8, extended: 0x80000000 }
const KNOWN_FLAGS = 0x8000000f

/** A part of a request: a number is four bytes, `{u64}` eight, a buffer goes with its length before it, `{raw}` without. */
export type Part = number | Buffer | { readonly u64: number } | { readonly raw: Buffer }

/** A whole request. `dataBytes` more are announced and written after it, so that bulk data is not copied. */
export function requestPacket(type: number, id: number, parts: readonly Part[], dataBytes = 0): Buffer {
  const length = 5 + parts.reduce<number>((sum, part) => sum + sizeOf(part), 0)
  const packet = Buffer.allocUnsafe(4 + length)
  packet.writeUInt32BE(length + dataBytes, 0)
  packet.writeUInt8(type, 4)
  packet.writeUInt32BE(id, 5)
  let at = 9
  for (const part of parts) at = put(packet, part, at)
  return packet
}

function sizeOf(part: Part): number {
  if (typeof part === 'number') return 4
  if (Buffer.isBuffer(part)) return 4 + part.length
  return 'u64' in part ? 8 : part.raw.length
}

function put(packet: Buffer, part: Part, at: number): number {
  if (typeof part === 'number') return packet.writeUInt32BE(part, at)
  if (Buffer.isBuffer(part)) return packet.writeUInt32BE(part.length, at) + part.copy(packet, at + 4)
  if ('u64' in part) return packet.writeBigUInt64BE(BigInt(part.u64), at)
  return at + part.raw.copy(packet, at)
}

/** Longer than any path a system takes; a server that cannot read a request ends the whole session. */
const LONGEST_PATH_BYTES = 16_384

/** @throws SftpError for what would end the session on the other side: a NUL, or no path at all. */
export function pathBytes(path: SftpPath): Buffer {
  const bytes = typeof path === 'string' ? Buffer.from(path) : path
  if (bytes.includes(0)) throw new SftpError('bad_message', 'a path must not contain NUL')
  if (bytes.length > LONGEST_PATH_BYTES) throw new SftpError('bad_message', 'the path is too long')
  return bytes
}

export function attributeParts(attributes: FileAttributes): Part[] {
  const { size, uid, gid, mode, accessedAtS, modifiedAtS } = attributes
  const parts: Part[] = []
  let flags = 0
  if (size !== undefined) {
    flags |= HAS.size
    parts.push({ u64: size })
  }
  if (uid !== undefined && gid !== undefined) {
    flags |= HAS.owner
    parts.push(uid, gid)
  }
  if (mode !== undefined) {
    flags |= HAS.mode
    parts.push(mode)
  }
  if (modifiedAtS !== undefined) {
    flags |= HAS.times
    parts.push(accessedAtS ?? modifiedAtS, modifiedAtS)
  }
  return [flags, ...parts]
}

/** The second word of a line as `ls -l` writes it: `-rw-r--r--    1 root …`. */
const LINK_COUNT = /^[-a-zA-Z.+@]{10,12} +(\d{1,9}) /

/** What cannot be read as the packet it claims to be. */
export class MalformedPacket extends Error {}

/** Reads a packet's fields in order; every length is checked against what is there. */
export class PacketReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  u32(): number {
    this.#need(4)
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  /** Sizes beyond 2^53 are told as 2^53 − 1: no such file exists, and a sum of them must not turn negative. */
  u64(): number {
    const value = this.u32() * 0x1_0000_0000 + this.u32()
    return Math.min(value, Number.MAX_SAFE_INTEGER)
  }

  /** A view, not a copy. */
  string(): Buffer {
    const length = this.u32()
    this.#need(length)
    const value = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return value
  }

  attributes(): FileAttributes {
    const flags = this.u32()
    if ((flags & ~KNOWN_FLAGS) !== 0) throw new MalformedPacket('unknown attribute flags')
    const attributes: FileAttributes = {
      ...(flags & HAS.size && { size: this.u64() }),
      ...(flags & HAS.owner && { uid: this.u32(), gid: this.u32() }),
      ...(flags & HAS.mode && { mode: this.u32() }),
      ...(flags & HAS.times && { accessedAtS: this.u32(), modifiedAtS: this.u32() }),
    }
    if (flags & HAS.extended) {
      const count = this.u32()
      for (let each = 0; each < count; each += 1) {
        this.string()
        this.string()
      }
    }
    return attributes
  }

  /** Names are copied: a listing must not keep the whole packet. */
  names(): DirectoryEntry[] {
    const count = this.u32()
    const entries: DirectoryEntry[] = []
    for (let each = 0; each < count; each += 1) {
      const name = Buffer.from(this.string())
      const links = LINK_COUNT.exec(this.string().toString('latin1', 0, 40))?.[1]
      const attributes = this.attributes()
      entries.push({ name, attributes, ...(links !== undefined && { linkCount: Number(links) }) })
    }
    return entries
  }

  end(): void {
    if (this.remaining > 0) throw new MalformedPacket('bytes after the end of a packet')
  }

  #need(bytes: number): void {
    if (bytes > this.remaining) throw new MalformedPacket('a field is longer than its packet')
  }
}
