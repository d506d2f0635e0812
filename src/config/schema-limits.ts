import * as z from 'zod'
import { count } from './schema-values.ts'

const MEBIBYTE = 1_048_576
const TEBIBYTE = MEBIBYTE * MEBIBYTE
/** A week: timers hold no more than 24 days. */
const MOST_SECONDS = 604_800

/** Bounds on answers, requests and calls. */
export const limitsSchema = z.strictObject({
  output_bytes: count(1_024, 16 * MEBIBYTE)
    .default(32_768)
    .describe(
      'Bytes of one output stream in one answer; the middle of a longer one is left out and counted.',
    ),
  body_bytes: count(1_024, 64 * MEBIBYTE)
    .default(MEBIBYTE)
    .describe('Bytes of one HTTP request body.'),
  calls_per_minute: count(1, 1_000_000).default(600).describe('Calls one caller may make in a minute.'),
  wait: count(1, 600)
    .default(45)
    .describe(
      'Seconds a call waits for its command, when it names no `wait_seconds`, before it answers `running`.',
    ),
  timeout: count(1, MOST_SECONDS)
    .default(3_600)
    .describe(
      'Seconds a command may take when the call names no `timeout_seconds`; never more than `max_timeout`.',
    ),
  max_timeout: count(1, MOST_SECONDS).default(86_400).describe('The most seconds a call may ask for.'),
  mcp_sessions: count(1, 100_000).default(1_000).describe('Legacy MCP sessions in all.'),
  mcp_sessions_per_principal: count(1, 10_000).default(20).describe('Legacy MCP sessions of one caller.'),
  shutdown: count(0, 3_600).default(30).describe('Seconds that running calls may go on after SIGTERM.'),
})

/** Commands outlive the call that began them: what is kept of them. */
export const commandsSchema = z.strictObject({
  retention: count(1, 8_760)
    .default(24)
    .describe('Hours after its end that a command and its output can be read.'),
  output_bytes: count(65_536, TEBIBYTE)
    .default(128 * MEBIBYTE)
    .describe('Bytes of output kept of one command, on disk; what comes after them is counted and left out.'),
  total_output_bytes: count(MEBIBYTE, 1_024 * TEBIBYTE)
    .default(2_048 * MEBIBYTE)
    .describe('Bytes of output kept of all commands together; the oldest that ended go first.'),
  max_running: count(1, 100_000)
    .default(100)
    .describe('Commands of one caller that run while nobody waits for them; no more are begun then.'),
  max_kept: count(1, 1_000_000)
    .default(10_000)
    .describe(
      'Commands of one caller that are kept; the oldest that ended go first. One call for many hosts begins one for each.',
    ),
})

/** One command for many hosts. */
export const fanOutSchema = z.strictObject({
  max_hosts: count(1, 100_000).default(5_000).describe('The most hosts that one call may name.'),
  max_parallel: count(1, 1_000)
    .default(50)
    .describe('The most hosts of one call that are busy at the same time.'),
})

const undoSchema = z.strictObject({
  retention: count(0, 8_760)
    .default(168)
    .describe('Hours that a change can be undone. 0: nothing is kept, and no change can be.'),
  total_bytes: count(0, 1_024 * TEBIBYTE)
    .default(256 * MEBIBYTE)
    .describe('Bytes kept of all changes together, on disk; the oldest of whoever has most go first.'),
})

/** When a caller counts as one that was shown the words of others. */
export const taintSchema = z.strictObject({
  paths: z
    .array(z.string().regex(/^\/./, 'must be an absolute path'))
    .max(1_000)
    .default([])
    .describe(
      'Directories in which others write, beside /tmp, /var/tmp, /dev/shm, /var/log and the mail directories: web roots, uploads. What stands below them counts too.',
    ),
  expires: count(60, MOST_SECONDS)
    .default(28_800)
    .describe('Seconds after the last such reading until a taint ends by itself.'),
})

/** What the file tools take and give. */
export const filesSchema = z.strictObject({
  read_bytes: count(1_024, 16 * MEBIBYTE)
    .default(262_144)
    .describe('Bytes that one `read_file` answers at most.'),
  max_bytes: count(1_024, 1_024 * MEBIBYTE)
    .default(8 * MEBIBYTE)
    .describe('The largest file that `write_file` and `edit_file` take.'),
  transfer_bytes: count(1_024, 1_024 * TEBIBYTE)
    .default(10_240 * MEBIBYTE)
    .describe('Bytes that one `transfer_file` moves at most.'),
  link_ttl: count(10, 86_400).default(900).describe('Seconds that a link of `transfer_file` can be used.'),
  undo: undoSchema.prefault({}).describe('What file changes replaced, kept for `undo_change`.'),
})
