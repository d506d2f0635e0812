import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { view } from './bridge-client.ts'
import { useLoaded } from './loaded.ts'
import { notifyOf, type WaitingRequest } from './notify.ts'

/** The requests that whoever is signed in may have to answer, on whichever page they are. */
export const waiting = signal<readonly WaitingRequest[]>([])

/** Keeps `waiting` as it is at the bridge, and tells of new ones where that was allowed. Shows nothing. */
export function WatchWaiting() {
  const { value } = useLoaded(
    'waiting',
    (signal) => view<{ readonly requests: readonly WaitingRequest[] }>('waiting', {}, signal),
    ['approvals'],
  )
  const seen = useRef<ReadonlySet<string>>(undefined)
  useEffect(() => {
    if (value === undefined) return
    waiting.value = value.requests
    // What waited when the console was opened is on the screen, and news to nobody.
    for (const request of value.requests)
      if (seen.current !== undefined && !seen.current.has(request.command_id)) notifyOf(request)
    seen.current = new Set([...(seen.current ?? []), ...value.requests.map(({ command_id }) => command_id)])
  }, [value])
  useEffect(
    () => () => {
      waiting.value = []
    },
    [],
  )
  return null
}
