import type { Call } from './call.ts'

/** Where a call comes from in a trace of somebody else: W3C Trace Context. */
export interface TraceParent {
  /** 32 and 16 lower-case hex characters. */
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
}

/** Beside the calls, not in them: it is no part of what is asked, decided and recorded. */
const parents = new WeakMap<Call, TraceParent>()

/** Undefined for what is no `traceparent` of version 00 (https://www.w3.org/TR/trace-context/ §3.2), or one of a later version. */
export function parseTraceParent(text: string | undefined): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(text ?? '') ?? []
  if (version === undefined || version === 'ff' || (version === '00' && text?.length !== 55)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The same call, which is a part of that trace from now on. */
export function withTraceParent<C extends Call>(call: C, text: string | undefined): C {
  const parent = parseTraceParent(text)
  if (parent !== undefined) parents.set(call, parent)
  return call
}

export function traceParentOf(call: Call): TraceParent | undefined {
  return parents.get(call)
}
