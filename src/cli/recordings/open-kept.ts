import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { KeptRecordings } from '../../app/kept-recordings.ts'
import { isRecordingId } from '../../domain/recording.ts'
import type { KeptRecording } from '../../domain/recording-reading.ts'
import { UsageError } from '../command.ts'
import { type ConfigOption, configOf } from '../with-config.ts'

/** @throws UsageError where nothing was kept yet. */
export async function openKept(options: ConfigOption): Promise<KeptRecordings> {
  const config = await configOf(options)
  const { url } = config.storage
  if (url.startsWith('sqlite:') && !existsSync(url.slice('sqlite:'.length)))
    throw new UsageError(
      `there is no database at ${url.slice('sqlite:'.length)}: no bridge has run with this configuration. Another one: --config PATH`,
    )
  const { KeptRecordings: Kept } = await import('../../app/kept-recordings.ts')
  return new Kept(config)
}

/** @throws UsageError when there is none of that id. */
export async function findKept(kept: KeptRecordings, id: string): Promise<KeptRecording> {
  const recording = isRecordingId(id) ? await kept.find(id) : undefined
  if (recording === undefined)
    throw new UsageError(
      `there is no recording ${JSON.stringify(id)}: recordings list shows them, and recording.retention says how long they are kept`,
    )
  return recording
}

/** Who is at the command line, for the audit. */
export function whoReads(): string {
  try {
    return `${userInfo().username} at the command line`
  } catch {
    return `uid:${process.getuid?.() ?? 'unknown'} at the command line`
  }
}
