import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  ProtocolError,
  type ReadResourceResult,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server'
import type { Answer } from '../../domain/answer.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import { wireAnswer } from '../../pipeline/wire.ts'
import { type WireError, wireErrorBody } from '../../pipeline/wire-error.ts'
import { type Caller, newCall } from '../caller.ts'
import type { CallsUnderWay } from '../calls-under-way.ts'
import type { McpDeps } from '../mcp-deps.ts'
import { brokenPromise, ERROR_META } from '../run-tool.ts'
import { resourceAt } from './list.ts'

export interface Reading {
  readonly deps: McpDeps
  readonly calls: CallsUnderWay
  readonly signal: AbortSignal
}

/**
 * Reads a resource the one way: the call of the tool that shows the same, decided, on record, redacted and cut. What is not there and
 * what the caller may not see are told in the same words.
 *
 * @throws ProtocolError
 */
export async function readResource(
  uri: string,
  caller: Caller,
  { deps, calls, signal }: Reading,
): Promise<ReadResourceResult> {
  const found = resourceAt(uri)
  if (found === undefined) throw new ResourceNotFoundError(uri)
  const { resource, action } = found
  let answer: Answer
  try {
    answer = await calls.perform(newCall(action, caller, deps.bridge.clock), signal)
  } catch (error) {
    throw refusal(brokenPromise(error, deps.log), uri)
  }
  const content = resource.contentOf(answer)
  if (content !== undefined) return { contents: [{ uri, mimeType: resource.mimeType, ...content }] }
  const wire = wireAnswer(answer)
  if (wire.kind === 'error') throw refusal(wire.error, uri)
  throw new ProtocolError(INTERNAL_ERROR, `${uri} needs an approval, which only a tool can wait for.`)
}

/** What an address may have named, had the caller been somebody else. */
const NOT_THERE: ReadonlySet<ErrorCode> = new Set(['host_not_found', 'command_not_found'])
const ASKED_WRONGLY: ReadonlySet<ErrorCode> = new Set(['insufficient_scope', 'forbidden', 'locked'])

function refusal(error: WireError, uri: string): ProtocolError {
  // guard: resources-unknown-alike
  if (NOT_THERE.has(error.code)) return new ResourceNotFoundError(uri)
  const code = ASKED_WRONGLY.has(error.code) ? INVALID_PARAMS : INTERNAL_ERROR
  return new ProtocolError(code, `${error.message} (${error.code})`, { [ERROR_META]: wireErrorBody(error) })
}
