import * as z from 'zod'
import type { ConfiguredHost } from '../hosts-eyes.ts'

const word = z.string().max(256).optional()

/** What hosts are filtered by. */
export const wordsAndTag = {
  /** Each stands in the name, the description or a tag, in any case. */
  words: word,
  tag: word,
}

/** Which of the hosts that were found are shown. */
export const page = {
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

interface Asked {
  readonly words?: string | undefined
  readonly tag?: string | undefined
  readonly offset: number
  readonly limit: number
}

export function hostPage(
  all: readonly ConfiguredHost[],
  { words = '', tag, offset, limit }: Asked,
): { readonly count: number; readonly hosts: readonly ConfiguredHost[] } {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const found = all.filter(({ host }) => {
    if (tag && !host.tags.includes(tag)) return false
    if (wanted.length === 0) return true
    const text = [host.name, host.description, ...host.tags].join('\n').toLowerCase()
    return wanted.every((one) => text.includes(one))
  })
  return { count: found.length, hosts: found.slice(offset, offset + limit) }
}
