import * as z from 'zod'
import { BridgeError } from '../../domain/errors.ts'
import type { AskedWho } from '../rules-eyes.ts'

const text = z.string().max(320).optional()
const list = z
  .string()
  .max(4_096)
  .transform((words) => words.split(/[\s,]+/).filter(Boolean))
  .optional()

/** Who is meant, in a query. Lists are separated by commas or blanks. */
export const who = { person: text, role: text, groups: list, scopes: list }

interface Asked {
  readonly person?: string | undefined
  readonly role?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
}

/** @throws BridgeError when nobody is named, or two are. */
export function askedWho({ person, role, groups = [], scopes }: Asked): AskedWho {
  if ((person === undefined) === (role === undefined))
    throw new BridgeError('bad_request', 'Say who it is about: person or role, one of them.')
  return {
    groups,
    ...(person !== undefined && { person }),
    ...(role !== undefined && { role }),
    ...(scopes !== undefined && { scopes }),
  }
}
