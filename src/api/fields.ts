import { z } from 'zod'
import { hostName, isHostName } from '../domain/host.ts'
import type { CallLimits } from './operation.ts'

/** The members that operations share. The same names as the arguments of the MCP tools. */

/** The longest command: the most that Linux takes as one argument. */
const MAX_COMMAND_LENGTH = 131_071

export const HostField = z
  .string()
  .refine(isHostName, 'must be a host name as /api/v1/hosts lists them')
  .transform(hostName)
  .describe('A host name as /api/v1/hosts lists them.')

export const SessionField = z
  .string()
  .min(1)
  .max(128)
  .exactOptional()
  .describe('A session handle; without one, your default session on the host.')

export const CommandField = z
  .string()
  .min(1)
  .max(MAX_COMMAND_LENGTH)
  .refine((text) => !text.includes('\0'), 'must not contain NUL')
  .describe("Handed to the host's login shell as it is.")

export const DirectoryField = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !text.includes('\0'), 'must not contain NUL')
  .exactOptional()
  .describe('Entered first, as by cd: in shell mode the session stays there.')

export function timeoutField({ timeoutMs, maxTimeoutMs }: CallLimits) {
  return z
    .number()
    .positive()
    .max(maxTimeoutMs / 1000)
    .exactOptional()
    .describe(`When to stop it: at most ${maxTimeoutMs / 1000} s; ${timeoutMs / 1000} s when not given.`)
}
