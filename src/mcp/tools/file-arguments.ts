import * as z from 'zod'
import { hostName, isHostName } from '../../domain/host.ts'

/**
 * The arguments that the file tools share. What bounds them is checked by refinements, which cost a conversation no tokens, and is told by
 * name when it is broken.
 */

/** The most that Linux takes. */
const LONGEST_PATH = 4_096

/** As `HostArgument`; that names come from `list_hosts` is said by the tools that are met first. */
export const FileHostArgument = z
  .string()
  .refine(isHostName, 'must be a host name as list_hosts gives it')
  .transform(hostName)

export const PathArgument = z
  .string()
  .refine(({ length }) => length > 0 && length <= LONGEST_PATH, `must have 1 to ${LONGEST_PATH} characters`)
  .refine((path) => !path.includes('\0'), 'must not contain NUL')

export const FlagArgument = z.boolean().exactOptional()

export const DigestArgument = z
  .string()
  .refine((text) => /^[0-9a-fA-F]{64}$/.test(text), 'must be 64 hexadecimal digits')
  .exactOptional()

export function wholeArgument(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  return z
    .number()
    .refine((value) => Number.isSafeInteger(value) && value >= least && value <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .exactOptional()
}
