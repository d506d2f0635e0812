import type { Answer, OutputPage } from '../../domain/answer.ts'
import type { Call, ReadOutputAction } from '../../domain/call.ts'
import { findWaiting, untilAnswered, waitingPage } from '../approvals/read-waiting.ts'
import type { Waiting } from '../approvals/waiting.ts'
import type { Bridge } from '../bridge.ts'
import { cleanBytes } from '../redaction/clean.ts'
import { redactorFor } from '../secrets/redactor-for.ts'
import type { Command } from './command.ts'
import { findCommand } from './find-command.ts'
import { readPiece } from './page.ts'
import { endOfLastCharacter, startOfFirstCharacter } from './utf8.ts'

/** A page of the output of a command. Waits for news where the call asks for it. */
export async function readOutput(
  call: Call,
  action: ReadOutputAction,
  bridge: Bridge,
  signal: AbortSignal,
): Promise<OutputPage | Extract<Answer, { readonly kind: 'failed' }>> {
  const command = await findCommand(call, action, bridge)
  if ('code' in command) {
    const waiting = await findWaiting(call, action.command, bridge)
    return waiting === undefined ? command : readWaiting(waiting, call, action, bridge, signal)
  }
  await untilNews(command, action, bridge, signal)
  // Meanwhile its host may have been taken away from the caller.
  const known = await findCommand(call, action, bridge)
  if ('code' in known) return known
  // Taken before the page is read: the command may end meanwhile, and what is told of it belongs together.
  const { output, outcome, state, isOver } = command
  const { stream } = action
  const page = await pageOf(command, action, bridge)
  const total = output.total(stream)
  return {
    kind: 'command_output',
    commandId: command.id,
    host: command.call.action.host,
    command: command.call.action.command,
    state,
    ...(outcome?.kind === 'ran' && { end: outcome.end }),
    ...(outcome?.kind === 'not_started' && { failure: { code: outcome.code, message: outcome.message } }),
    stream,
    ...page,
    totalBytes: total,
    keptBytes: output.kept(stream),
    hasMore: !isOver || page.nextOffset < output.kept(stream),
    durationMs: Math.round(
      outcome?.kind === 'ran'
        ? outcome.durationMs
        : bridge.clock.now().getTime() - command.startedAt.getTime(),
    ),
  }
}

/** A request that waits for people; once it is begun, the command that it has become. */
async function readWaiting(
  waiting: Waiting,
  call: Call,
  action: ReadOutputAction,
  bridge: Bridge,
  signal: AbortSignal,
): ReturnType<typeof readOutput> {
  const leftMs = await untilAnswered(waiting, action.waitMs, bridge, signal)
  const isBegun = bridge.commands.find(waiting.owner, action.command) !== undefined
  return isBegun
    ? readOutput(call, { ...action, waitMs: leftMs }, bridge, signal)
    : waitingPage(waiting, action, bridge)
}

type Page = Pick<OutputPage, 'text' | 'offset' | 'nextOffset' | 'cleaned' | 'matches'>

async function pageOf(
  command: Command,
  action: ReadOutputAction,
  { clock, ...parts }: Bridge,
): Promise<Page> {
  const { output, isOver } = command
  const redactor = redactorFor(command.call, parts)
  const { stream, from, bytes, pattern } = action
  if ('tailBytes' in from && pattern === undefined) {
    const end = await output.end(stream, Math.min(from.tailBytes, bytes) + redactor.longestBytes)
    return lastPiece(end, Math.min(from.tailBytes, bytes), redactor, isOver)
  }
  const offset = 'offset' in from ? from.offset : Math.max(0, output.kept(stream) - from.tailBytes)
  if (pattern === undefined) return readPiece(output, redactor, stream, offset, bytes, isOver)
  // With its library a quarter of a megabyte, which few conversations need.
  const { linePattern, search } = await import('./search.ts')
  const asked = { offset, length: bytes, pattern: linePattern(pattern) }
  return { offset, ...(await search(output, redactor, stream, asked, isOver, clock)) }
}

/** The end of a stream that may be longer than what is kept of it. */
function lastPiece(
  { bytes, offset }: { readonly bytes: Buffer; readonly offset: number },
  length: number,
  redactor: Bridge['redactor'],
  isOver: boolean,
): Page {
  // Where more came before, the first bytes are looked at only: a secret may have been cut there.
  const lookedAt = offset === 0 ? 0 : Math.min(redactor.longestBytes, bytes.length)
  const first = Math.max(lookedAt, bytes.length - length)
  const start = first + (offset + first === 0 ? 0 : startOfFirstCharacter(bytes.subarray(first)))
  // What has not come yet may make a secret of what has.
  const known = isOver ? bytes.length : Math.max(start, redactor.begunAt(bytes))
  const end = start + endOfLastCharacter(bytes.subarray(start, known))
  return { ...cleanBytes(bytes, redactor, start, end), offset: offset + start, nextOffset: offset + end }
}

/** Until there is something at the offset asked for, the command is over, or the caller has waited long enough. */
async function untilNews(
  command: Command,
  { stream, from, waitMs }: ReadOutputAction,
  { clock, executor }: Bridge,
  signal: AbortSignal,
): Promise<void> {
  if (waitMs <= 0) return
  const { output } = command
  // With a tail there is no offset that the caller knows: news is whatever comes from now on.
  const seen = 'offset' in from ? from.offset : output.kept(stream)
  const over = new AbortController()
  const pause = clock.sleep(waitMs, AbortSignal.any([signal, over.signal])).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  while (!command.isOver && output.kept(stream) <= seen) {
    executor.nudge(command.id)
    if ((await Promise.race([output.news, command.ended, pause])) === 'late') break
  }
  over.abort('over')
}
