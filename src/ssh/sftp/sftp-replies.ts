import { type DirectoryEntry, type FileAttributes, SftpError, type SftpErrorCode } from './sftp.ts'
import { MalformedPacket, PacketReader, REPLY } from './sftp-wire.ts'

/** An answer by its kind; errors are thrown. */
export interface Replies {
  status: undefined
  handle: Buffer
  /** Undefined at the end of the file. */
  data: readonly Buffer[] | undefined
  name: readonly DirectoryEntry[] | undefined
  attrs: FileAttributes
  extended: PacketReader
}

export interface Expected {
  readonly expects: keyof Replies
  /** The most bytes of data that were asked for. */
  readonly mostBytes: number
}

/** The answer to what was asked, from the packet's fields after the request's id. `pieces` is the whole packet. */
export function answerOf(
  type: number | undefined,
  { expects, mostBytes }: Expected,
  reader: PacketReader,
  pieces: readonly Buffer[],
): Replies[keyof Replies] {
  if (type !== REPLY[expects]) throw new MalformedPacket('an answer of another kind than was asked for')
  switch (expects) {
    case 'data':
      return dataOf(pieces, mostBytes)
    case 'handle': {
      const handle = Buffer.from(reader.string())
      reader.end()
      if (handle.length > 256) throw new MalformedPacket('a handle longer than 256 bytes (§6.3)')
      return handle
    }
    case 'name': {
      const entries = reader.names()
      reader.end()
      // Endless lists of nothing would never end a loop.
      if (entries.length === 0) throw new MalformedPacket('a list of no names')
      return entries
    }
    case 'attrs': {
      const attributes = reader.attributes()
      reader.end()
      return attributes
    }
    default:
      return reader
  }
}

/** §7: codes 0 to 8. Older servers leave the text out. */
const STATUS: readonly SftpErrorCode[] = [
  'failure',
  'end_of_file',
  'no_such_file',
  'permission_denied',
  'failure',
  'bad_message',
  'no_connection',
  'connection_lost',
  'unsupported',
]

/** Undefined for success, and for the end of what is read in turn. */
export function statusOf(
  reader: PacketReader,
  expects: keyof Replies,
  origin: object,
): SftpError | undefined {
  const code = reader.u32()
  const text = reader.remaining >= 4 ? reader.string().toString('utf8') : ''
  const hasEnd = expects === 'data' || expects === 'name'
  if (code === 0 ? expects === 'status' : code === 1 && hasEnd) return undefined
  if (code === 0) throw new MalformedPacket('success without the answer that was asked for')
  const name = STATUS[code] ?? 'failure'
  const clean = text
    .slice(0, 200)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, ' ')
    .trim()
  return new SftpError(name, name.replaceAll('_', ' '), clean === '' ? undefined : clean, origin)
}

/** The bytes of a DATA packet as they came, without its header of nine. */
function dataOf(pieces: readonly Buffer[], mostBytes: number): readonly Buffer[] {
  const [first = Buffer.alloc(0), ...others] = pieces
  const announced = new PacketReader(first.subarray(5)).u32()
  const data = [first.subarray(9), ...others].filter(({ length }) => length > 0)
  const length = data.reduce((sum, piece) => sum + piece.length, 0)
  if (length !== announced) throw new MalformedPacket('data of another length than announced')
  if (length === 0 || length > mostBytes) throw new MalformedPacket('more data than asked for, or none')
  return data
}
