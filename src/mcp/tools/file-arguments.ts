import { z } from 'zod'

/** The arguments that the file tools share. */

/** The most that Linux takes. */
const LONGEST_PATH = 4_096

export const PathArgument = z
  .string()
  .min(1)
  .max(LONGEST_PATH)
  .refine((path) => !path.includes('\0'), 'must not contain NUL')

export const FileSudoArgument = z.boolean().exactOptional()

export const DigestArgument = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits')
  .exactOptional()

export const DryRunArgument = z.boolean().exactOptional()
