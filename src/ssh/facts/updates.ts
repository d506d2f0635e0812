import type { HostFacts } from '../../domain/facts.ts'
import { count } from './parts.ts'

type Lines = readonly string[]

/** How many packages wait for an update, as far as the host's own index knows. Which of the managers answered is in the part's name. */
export function updatesOf(parts: ReadonlyMap<string, Lines>): HostFacts['updates'] {
  const notifier = parts.get('updates_notifier')
  if (notifier !== undefined) return byNotifier(notifier.join(' '))
  const [manager, lines] = parts.has('updates_apt')
    ? (['apt', parts.get('updates_apt')] as const)
    : (['apk', parts.get('updates_apk')] as const)
  const [all, security] = lines?.map(count) ?? []
  if (all === undefined) return undefined
  return { manager, count: all, ...(security !== undefined && { security }) }
}

/** Ubuntu's update-notifier: `5 updates can be applied immediately.` and `2 of these updates are standard security updates.` */
function byNotifier(text: string): HostFacts['updates'] {
  const all = count(/(\d+) (?:updates?|packages?) can be/.exec(text)?.[1])
  const security = count(
    /(\d+) of these (?:updates?|packages?) (?:is|are) (?:a )?(?:standard )?security/.exec(text)?.[1],
  )
  if (all === undefined) return undefined
  return { manager: 'apt', count: all, ...(security !== undefined && { security }) }
}
