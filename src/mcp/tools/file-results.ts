import { z } from 'zod'
import type { WireChange, WireFile, WireListing } from '../../pipeline/wire-file.ts'

/** What clients need to go on; everything else is in `wire-file.ts`. */
type Some<Wire> = z.ZodType<{ readonly [Member in keyof Wire]?: unknown }>

export const FileResult = z.looseObject({
  content: z.string(),
  encoding: z.string(),
  next_offset: z.number(),
  has_more: z.boolean(),
  sha256: z.string().exactOptional(),
}) satisfies Some<WireFile>

export const ListingResult = z.looseObject({
  entries: z.array(z.looseObject({ name: z.string(), type: z.string(), bytes: z.number() })),
  total: z.number(),
  has_more: z.boolean(),
}) satisfies Some<WireListing>

export const ChangeResult = z.looseObject({
  change: z.enum(['created', 'replaced', 'unchanged']),
  sha256: z.string(),
  diff: z.string().exactOptional(),
}) satisfies Some<WireChange>
