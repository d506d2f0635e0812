import { createHash } from 'node:crypto'
import { createReadStream, existsSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { UnreadableRecording } from '../../app/kept-recordings.ts'
import { isRecordingId } from '../../domain/recording.ts'
import type { KeptRecording } from '../../domain/recording-reading.ts'
import { outlive, systemClock } from '../../lib/clock.ts'
import { printableJson } from '../../lib/printable.ts'
import { writeFault } from '../../lib/write-fault.ts'
import { complain, type ExitCode, say, UsageError } from '../command.ts'
import { counted, startProgress } from '../progress.ts'
import type { ConfigOption } from '../with-config.ts'
import { findKept, openKept, whoReads } from './open-kept.ts'
import { play } from './play.ts'
import { textOf } from './read-cast.ts'

export interface PlayOptions extends ConfigOption {
  readonly speed: string
  readonly idleLimit: string
  readonly raw?: boolean
}

export interface ExportOptions extends ConfigOption {
  readonly format: string
}

export interface VerifyOptions extends ConfigOption {
  readonly json?: boolean
}

const RAW =
  'With --raw a recording may do to this terminal whatever the host did to the one before it: set its title, its clipboard, its keys.'

export async function playOne(what: string, options: PlayOptions): Promise<ExitCode> {
  const speed = numberOf('--speed', options.speed)
  const idleLimitMs = numberOf('--idle-limit', options.idleLimit) * 1_000
  const isRaw = options.raw === true
  if (isRaw) complain(RAW)
  const cast =
    !isRecordingId(what) && existsSync(what) ? createReadStream(what) : await kept(what, 'play', options)
  const { stdin, stdout } = process
  const write = (text: string) => void stdout.write(text)
  return readable(() =>
    outlive(
      play(cast, {
        speed,
        idleLimitMs,
        isRaw,
        clock: systemClock,
        write,
        ...(stdin.isTTY && { keys: stdin }),
      }),
    ),
  )
}

export async function exportOne(
  id: string,
  file: string | undefined,
  options: ExportOptions,
): Promise<ExitCode> {
  if (options.format !== 'cast' && options.format !== 'text')
    throw new UsageError(`--format is cast or text, not ${JSON.stringify(options.format)}`)
  const cast = await kept(id, 'export', options, file === undefined && process.stdout.isTTY === true)
  const pieces: AsyncIterable<Buffer | string> = options.format === 'text' ? textOf(cast) : cast
  return readable(async () => {
    if (file === undefined) {
      for await (const piece of pieces) process.stdout.write(piece)
      return
    }
    // What was shown on a host is for whoever exported it alone.
    const untold = (cause: unknown): never => {
      const why = writeFault(cause)
      throw why === undefined ? cause : new UsageError(`${file} cannot be written: ${why}`)
    }
    const handle = await open(file, 'wx', 0o600).catch(untold)
    try {
      for await (const piece of pieces) await handle.writeFile(piece)
    } catch (cause) {
      rmSync(file, { force: true })
      untold(cause)
    } finally {
      await handle.close()
    }
  })
}

/** Exit 1 when what is kept, or the file, is not what the audit recorded. */
export async function verifyOne(
  id: string,
  file: string | undefined,
  options: VerifyOptions,
): Promise<ExitCode> {
  const store = await openKept(options)
  const { recording, recorded, now } = await store.verify(await findKept(store, id), whoReads())
  const problems: string[] = []
  if (recording.end === undefined) problems.push('it is being written: there is no record of its end yet')
  else if (recorded === undefined) problems.push('the audit has no record of its end')
  else {
    if (now === undefined) problems.push('a piece of it cannot be opened: it was changed')
    else if (now.storedSha256 !== recorded.storedSha256 || now.pieces !== recorded.pieces)
      problems.push('what is kept is not what was recorded')
    else if (now.sha256 !== '' && recorded.sha256 !== '' && now.sha256 !== recorded.sha256)
      problems.push('what it shows is not what was recorded')
    if (file !== undefined && (await digestOf(file)) !== recorded.sha256)
      problems.push(`${file} is not what was recorded`)
  }
  const ok = problems.length === 0
  if (options.json === true) say(printableJson({ recording: recording.id, ok, problems, recorded, now }))
  else if (ok)
    say(`✔ ${recording.id}: ${recorded?.pieces} pieces, ${recorded?.bytes} bytes, as recorded in the audit`)
  else for (const problem of problems) say(`✘ ${recording.id}: ${problem}`)
  if (ok && now?.sha256 === '') complain('Without its key only the stored bytes were compared.')
  return ok ? 0 : 1
}

async function kept(
  id: string,
  how: 'play' | 'export',
  options: ConfigOption,
  isQuiet = false,
): Promise<AsyncIterable<Buffer>> {
  const store = await openKept(options)
  const recording: KeptRecording = await findKept(store, id)
  const cast = store.read(recording, how, whoReads())
  if (how === 'play') return cast
  // On a terminal what is exported shows how far it is.
  const progress = startProgress({ label: `Exporting ${id}`, unit: 'MiB', isQuiet })
  return counted(cast, progress, (piece) => piece.length, recording.end?.bytes)
}

async function readable(work: () => Promise<void>): Promise<ExitCode> {
  try {
    await work()
    return 0
  } catch (cause) {
    if (cause instanceof UnreadableRecording) throw new UsageError(cause.message)
    throw cause
  }
}

async function digestOf(file: string): Promise<string> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function numberOf(option: string, text: string): number {
  const number = Number(text)
  if (!/^\d{1,5}(?:\.\d{1,3})?$/.test(text) || number <= 0)
    throw new UsageError(`${option} is a number above 0, not ${JSON.stringify(text)}`)
  return number
}
