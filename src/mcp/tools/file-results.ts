import * as z from 'zod'
import type { WireChange, WireFile, WireListing } from '../../pipeline/wire-file.ts'

/** What clients need to go on; the other members are described where they are made, in `pipeline/wire-file.ts`. */
type Some<Wire> = z.ZodType<{ readonly [Member in keyof Wire]?: unknown }>

export const FileResult = z.looseObject({
  content: z.string(),
  next_offset: z.number(),
  has_more: z.boolean(),
}) satisfies Some<WireFile>

export const ListingResult = z.looseObject({
  entries: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  has_more: z.boolean(),
}) satisfies Some<WireListing>

export const ChangeResult = z.looseObject({
  change: z.string(),
  change_id: z.string().exactOptional(),
  diff: z.string().exactOptional(),
}) satisfies Some<WireChange>
