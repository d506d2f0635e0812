import * as z from 'zod'
import { isRecordingId, type RecordingId } from '../../domain/recording.ts'
import type { RecordingFilter } from '../../domain/recording-reading.ts'
import type { WireCast, WireRecording, WireRecordings } from '../../pipeline/wire-recording.ts'
import { defineOperation } from '../operation.ts'

/** In a query every value is text. */
const number = z.coerce.number<string>()
const word = (description: string) => z.string().min(1).max(1_024).exactOptional().describe(description)
const time = (description: string) => z.iso.datetime({ offset: true }).exactOptional().describe(description)
const id = z.string().refine(isRecordingId, 'must be the id of a recording').describe('Its id: `rec_…`.')

const MOST_LISTED = 500
const NEEDS = 'For auditors: needs mcp:audit; without rules mcp:admin will do.'

const Digest = z.string().describe('SHA-256, hexadecimal.')

const RecordingResult = z.object({
  id: z.string(),
  kind: z.enum(['command', 'terminal']),
  call: z.string().describe('The call that ran the command, or that opened the terminal.'),
  person: z.string().describe('Issuer and subject.'),
  name: z.string(),
  host: z.string(),
  started_at: z.string(),
  ended_at: z.string().exactOptional(),
  state: z.enum(['open', 'complete', 'full', 'broken', 'cut']).describe('`open`: it is being written.'),
  why: z.string().exactOptional(),
  encrypted: z.boolean(),
  bytes: z.int().exactOptional().describe('Of the asciicast; absent, like its digests, until it has ended.'),
  pieces: z.int().exactOptional(),
  sha256: Digest.exactOptional(),
  stored_bytes: z.int().exactOptional(),
  stored_sha256: Digest.exactOptional(),
}) satisfies z.ZodType<WireRecording>

export const listRecordings = defineOperation({
  id: 'list_recordings',
  method: 'GET',
  path: '/api/v1/recordings',
  summary: `Recordings of commands and terminals, the latest first. ${NEEDS}`,
  input: () =>
    z.strictObject({
      person: word('A part of the name, or of issuer and subject.'),
      host: word('A host.'),
      call: word('The call that was recorded.'),
      since: time('Begun from then on.'),
      until: time('Begun before then.'),
      limit: number.int().min(1).max(MOST_LISTED).exactOptional().describe('How many; 50 when not given.'),
    }),
  result: z.object({ recordings: z.array(RecordingResult) }) satisfies z.ZodType<WireRecordings>,
  toAction: ({ since, until, limit = 50, ...asked }) => {
    const period = {
      ...(since !== undefined && { since: new Date(since) }),
      ...(until !== undefined && { until: new Date(until) }),
    }
    return { kind: 'list_recordings', filter: { ...asked, ...period, limit } satisfies RecordingFilter }
  },
})

export const readRecording = defineOperation({
  id: 'read_recording',
  method: 'GET',
  path: '/api/v1/recordings/record',
  summary: `What is known of one recording, without what it shows. ${NEEDS}`,
  input: () => z.strictObject({ id }),
  result: RecordingResult,
  toAction: (input) => ({ kind: 'read_recording', recording: input.id as RecordingId }),
})

export const readRecordingCast = defineOperation({
  id: 'read_recording_cast',
  method: 'GET',
  path: '/api/v1/recordings/cast',
  summary: `What one recording shows: an asciicast of version 3, page by page; that it is read is on record. ${NEEDS}`,
  input: () =>
    z.strictObject({
      id,
      after: number
        .int()
        .min(0)
        .exactOptional()
        .describe('`next_after` of the page before; 0 when not given.'),
    }),
  result: z.object({
    id: z.string(),
    cast: z.string().describe('Whole lines. Those of all pages, one after the other, are the file.'),
    next_after: z.int().exactOptional().describe('Absent when there is nothing more yet.'),
  }) satisfies z.ZodType<WireCast>,
  toAction: (input) => ({
    kind: 'read_recording_cast',
    recording: input.id as RecordingId,
    after: input.after ?? 0,
  }),
})
