import { INVALID_REQUEST, PARSE_ERROR } from '@modelcontextprotocol/server'

/** Of the range that JSON-RPC leaves to servers; the SDK's transports use the same two. */
const REFUSED = -32_000
const SESSION_NOT_FOUND = -32_001

const RETRY_SECONDS = '5'

/** Refusals of the MCP endpoint itself, as JSON-RPC errors with the HTTP status of the protocol's transport pages. */
export const refused = {
  unreadable: () => rpcError(400, PARSE_ERROR, 'Parse error: the body is not JSON'),

  batch: () =>
    rpcError(400, INVALID_REQUEST, 'Batches exist in revision 2025-03-26 alone; send one message a request.'),

  invalidMessage: () => rpcError(400, INVALID_REQUEST, 'Not a JSON-RPC message.'),

  /** GET and DELETE belong to sessions of the legacy era; without one there is nothing to read or to end. */
  methodNeedsSession: () =>
    rpcError(405, REFUSED, 'This endpoint answers POST; GET and DELETE need an Mcp-Session-Id.', {
      Allow: 'POST',
    }),

  noSession: () =>
    rpcError(400, REFUSED, 'Mcp-Session-Id is missing: send initialize first, or use revision 2026-07-28.'),

  sessionNotFound: () => rpcError(404, SESSION_NOT_FOUND, 'Session not found'),

  tooManySessions: (whose: 'too_many_of_caller' | 'too_many_in_all') =>
    whose === 'too_many_of_caller'
      ? rpcError(429, REFUSED, 'You have too many MCP sessions with running commands. Close one.', {
          'Retry-After': RETRY_SECONDS,
        })
      : rpcError(503, REFUSED, 'The bridge has too many MCP sessions. Try again shortly.', {
          'Retry-After': RETRY_SECONDS,
        }),

  shuttingDown: () =>
    rpcError(503, REFUSED, 'The bridge is stopping; nothing was run.', { 'Retry-After': RETRY_SECONDS }),
} as const

function rpcError(
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers })
}
