import type { Answer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import { principalName } from '../../domain/principal.ts'
import type { ReadRecordingAction, ReadRecordingAnswer } from '../../domain/recording-reading.ts'
import type { Bridge } from '../bridge.ts'
import { remember } from '../records.ts'

type Failed = Extract<Answer, { readonly kind: 'failed' }>

/** What somebody who may asked of recordings. Who is given what one shows is on record as that, before they are. */
export async function readRecordings(
  call: Call,
  action: ReadRecordingAction,
  bridge: Bridge,
): Promise<ReadRecordingAnswer | Failed> {
  const { clock, recordings } = bridge
  if (action.kind === 'list_recordings')
    return { kind: 'recordings', recordings: await recordings.list(action.filter) }
  const recording = await recordings.find(action.recording)
  if (recording === undefined)
    return failed('recording_not_found', 'There is no such recording, or its retention is over.')
  if (action.kind === 'read_recording') return { kind: 'recording', recording }
  const reader = { by: principalName(call.principal), byCall: call.id, edge: call.edge }
  // guard: reading-over-rest-is-audited
  await remember(bridge, { type: 'recording.read', at: clock.now(), recording, how: 'export', ...reader })
  const page = await recordings.castOf(recording, action.after)
  if ('unreadable' in page)
    return failed('recording_unreadable', `The recording cannot be read: ${page.unreadable}.`)
  return { kind: 'recording_cast', recording: recording.id, page }
}

function failed(code: ErrorCode, message: string): Failed {
  return { kind: 'failed', code, message }
}
