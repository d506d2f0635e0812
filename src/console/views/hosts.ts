import * as z from 'zod'
import type { ConfiguredHost } from '../hosts-eyes.ts'
import { defineView } from '../view.ts'
import { hostPage, page, wordsAndTag } from './host-page.ts'
import { contactOf, hostOf } from './wire-host.ts'

/** Tags that are offered to filter by. */
const MOST_TAGS = 200

/** Every configured host, those too that the viewer may do nothing on: operators see the configuration, without how a host is reached. */
export const hosts = defineView({
  name: 'hosts',
  roles: ['viewer'],
  input: z.strictObject({ ...wordsAndTag, ...page }),
  look(asked, _viewer, { eyes }) {
    const all = eyes.hosts.list()
    const found = hostPage(all, asked)
    return {
      total: all.length,
      found: found.count,
      tags: tagsOf(all),
      hosts: found.hosts.map((one) => ({
        ...hostOf(one),
        contact: contactOf(eyes.hosts.contactOf(one.host.name)),
      })),
    }
  },
})

/** The most frequent first. */
function tagsOf(all: readonly ConfiguredHost[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { host } of all) for (const tag of host.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MOST_TAGS)
    .map(([tag]) => tag)
}
