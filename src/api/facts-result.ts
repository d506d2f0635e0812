import * as z from 'zod'
import type { WireFacts } from '../pipeline/wire-facts.ts'

const bytes = z.int().describe('Bytes.')
const text = z.string().exactOptional()

/** What a host says of itself. */
export const FactsResult = z.object({
  host: z.string(),
  collected_at: z.iso.datetime(),
  from_cache: z.boolean().describe('Remembered; `refresh` asks anew.'),
  platform: z.enum(['posix', 'windows', 'network']),
  hostname: text,
  os: z.object({ name: z.string(), id: text, version: text }).exactOptional(),
  kernel: text,
  architecture: text,
  virtualization: text,
  cpu: z.object({ count: z.int(), model: text }).exactOptional(),
  memory: z.object({ total: bytes, available: bytes, swap_total: bytes, swap_free: bytes }).exactOptional(),
  disks: z
    .array(
      z.object({
        mount: z.string(),
        device: z.string(),
        total_bytes: z.int(),
        used_bytes: z.int(),
        available_bytes: z.int(),
      }),
    )
    .exactOptional(),
  load: z.array(z.number()).exactOptional().describe('Over 1, 5 and 15 minutes.'),
  uptime_seconds: z.number().exactOptional(),
  failed_units: z.array(z.string()).exactOptional(),
  listening: z
    .array(
      z.object({
        protocol: z.enum(['tcp', 'udp']),
        address: z.string(),
        port: z.int(),
        process: text,
      }),
    )
    .exactOptional(),
  updates: z
    .object({ manager: z.string(), count: z.int(), security: z.int().exactOptional() })
    .exactOptional(),
  missing: z
    .array(z.object({ part: z.string(), reason: z.string() }))
    .describe('Parts that are absent, each with why.'),
}) satisfies z.ZodType<WireFacts>
