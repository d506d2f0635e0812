import * as z from 'zod'
import { line, secret, webAddress } from './schema-values.ts'

/** Where telemetry goes that is not scraped. */
export const telemetrySchema = z.strictObject({
  traces: z
    .strictObject({
      endpoint: webAddress().describe(
        'Where spans are POSTed as OTLP/HTTP in JSON, such as http://127.0.0.1:4318/v1/traces.',
      ),
      headers: z
        .array(
          z.strictObject({
            name: line(256)
              .regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header')
              .describe('Name of a header.'),
            value: secret('Its value.'),
          }),
        )
        .max(20)
        .default([])
        .describe('Headers that the collector asks for, such as a token.'),
      sample_ratio: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe(
          'Share of the calls that are traced, 0 to 1. A `traceparent` of the caller decides by itself.',
        ),
    })
    .optional()
    .describe('Send a span for each call, with its parts, to an OpenTelemetry collector.'),
})

type Telemetry = z.output<typeof telemetrySchema>

/** Undefined: no traces are sent. */
export interface TracesConfig {
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly sampleRatio: number
}

export function readTraces({ traces }: Telemetry): TracesConfig | undefined {
  return (
    traces && {
      endpoint: traces.endpoint,
      headers: Object.fromEntries(traces.headers.map(({ name, value }) => [name.toLowerCase(), value])),
      sampleRatio: traces.sample_ratio,
    }
  )
}
