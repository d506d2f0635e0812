import type { CommandId, OutputStream } from '../domain/command.ts'
import type { KeptOutput } from '../domain/command-record.ts'
import { FencedOff, type Writer } from './audit-append.ts'
import { bytesIn, type OutputPiece, PIECE_BYTES, type PlacedPiece, piecesOf } from './output-pieces.ts'
import type { Database, Sql } from './sql/database.ts'
import { forUpdate } from './sql/exclusive.ts'

/** Which rows hold something of a stream, and where in it each of them begins. */
const PLACES = {
  output: { begin: 'at', holds: 'TRUE' },
  stdout: { begin: 'stdout_at', holds: 'stdout_bytes > 0' },
  stderr: { begin: 'stderr_at', holds: 'stderr_bytes > 0' },
} as const

/**
 * The output of one command in the database. Appends are carried out in order, each whole or not at all, and only while the command is
 * this instance's. One that fails harms nothing from before.
 */
export class OutputRows implements KeptOutput {
  readonly #database: Database
  readonly #me: string
  readonly #command: CommandId
  readonly #insert: string
  #bytes: Readonly<Record<OutputStream, number>>
  #last: Promise<unknown> = Promise.resolve()

  private constructor(
    database: Database,
    me: string,
    command: CommandId,
    bytes: Record<OutputStream, number>,
  ) {
    this.#database = database
    this.#me = me
    this.#command = command
    this.#bytes = bytes
    // PostgreSQL: whoever takes the command over waits for this, or this finds it taken.
    this.#insert = `INSERT INTO command_output (command, at, stdout_at, stderr_at, stdout_bytes, stderr_bytes, frames, bytes)
      SELECT id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS INTEGER), CAST($7 AS INTEGER), $8,
        CAST($9 AS ${database.engine === 'postgres' ? 'BYTEA' : 'BLOB'})
      FROM commands WHERE id = $1 AND instance = $2${forUpdate(database)}`
  }

  static async open(database: Database, { id: me }: Writer, command: CommandId): Promise<OutputRows> {
    const [last] = await database.all<Record<OutputStream, number>>(
      `SELECT stdout_at + stdout_bytes AS stdout, stderr_at + stderr_bytes AS stderr
       FROM command_output WHERE command = $1 ORDER BY at DESC LIMIT 1`,
      command,
    )
    return new OutputRows(database, me, command, last ?? { stdout: 0, stderr: 0 })
  }

  get bytes(): Readonly<Record<OutputStream, number>> {
    return this.#bytes
  }

  append(chunks: readonly { readonly stream: OutputStream; readonly chunk: Buffer }[]): Promise<void> {
    const pieces = piecesOf(chunks)
    if (pieces.length === 0) return Promise.resolve()
    const appended = this.#last.then(() => this.#append(pieces))
    this.#last = appended.catch(() => undefined)
    return appended
  }

  async read(stream: OutputStream | 'output', offset: number, length: number): Promise<Buffer> {
    const isPlace = Number.isSafeInteger(offset) && offset >= 0 && length >= 0
    if (!isPlace) throw new RangeError(`not a place in the output: ${offset}, ${length} bytes`)
    const { stdout, stderr } = this.#bytes
    const wanted = Math.min(length, { stdout, stderr, output: stdout + stderr }[stream] - offset)
    if (wanted <= 0) return Buffer.alloc(0)
    const { begin, holds } = PLACES[stream]
    const pieces = await this.#database.scan<PlacedPiece>(
      `SELECT ${begin} AS begin, stdout_bytes AS "stdoutBytes", frames, bytes FROM command_output
       WHERE command = $1 AND ${begin} > $2 AND ${begin} < $3 AND ${holds} ORDER BY ${begin}`,
      this.#command,
      offset - PIECE_BYTES,
      offset + wanted,
    )
    const bytes = Buffer.concat(pieces.map((piece) => bytesIn(piece, stream, offset, wanted)))
    if (bytes.length < wanted) throw new Error('the output of the command is not there any more')
    return bytes
  }

  async #append(pieces: readonly OutputPiece[]): Promise<void> {
    // Durable with the record of the command, at the latest when it has ended.
    this.#bytes = await this.#database.transaction(async (sql) => {
      let at = this.#bytes
      for (const piece of pieces) at = await this.#insertOne(sql, piece, at)
      return at
    }, 'written')
  }

  async #insertOne(
    sql: Sql,
    { stdoutBytes, stderrBytes, frames, bytes }: OutputPiece,
    { stdout, stderr }: Readonly<Record<OutputStream, number>>,
  ): Promise<Record<OutputStream, number>> {
    const place = [stdout + stderr, stdout, stderr, stdoutBytes, stderrBytes]
    const inserted = await sql.run(this.#insert, this.#command, this.#me, ...place, frames, bytes)
    if (inserted === 0) throw new FencedOff('the command is another instance’s, or is not there any more')
    return { stdout: stdout + stdoutBytes, stderr: stderr + stderrBytes }
  }
}
