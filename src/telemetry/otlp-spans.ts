/** A span that is over. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId?: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly isServer: boolean
  readonly isFailed: boolean
  readonly attributes: Readonly<Record<string, string>>
}

/** The body of a POST to `/v1/traces`: OTLP/HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export function otlpBody(spans: readonly Span[], version: string): string {
  const service = attributesOf({ 'service.name': 'ssh-mcp-bridge', 'service.version': version })
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: service },
        scopeSpans: [{ scope: { name: 'ssh-mcp-bridge', version }, spans: spans.map(otlpSpan) }],
      },
    ],
  })
}

function otlpSpan({ traceId, spanId, parentId, name, startMs, endMs, isServer, isFailed, attributes }: Span) {
  return {
    traceId,
    spanId,
    ...(parentId !== undefined && { parentSpanId: parentId }),
    name,
    // SPAN_KIND_INTERNAL, SPAN_KIND_SERVER; STATUS_CODE_UNSET, STATUS_CODE_ERROR.
    kind: isServer ? 2 : 1,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(endMs),
    attributes: attributesOf(attributes),
    status: { code: isFailed ? 2 : 0 },
  }
}

function attributesOf(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

/** A 64-bit number is a text in JSON. */
function nanos(ms: number): string {
  return (BigInt(Math.round(ms * 1_000)) * 1_000n).toString()
}
