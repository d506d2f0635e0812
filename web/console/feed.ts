import { signal } from '@preact/signals'
import { BRIDGE } from './place.ts'

export type Topic = 'calls' | 'approvals' | 'locks' | 'sessions' | 'instances' | 'configuration'
const TOPICS: readonly Topic[] = ['calls', 'approvals', 'locks', 'sessions', 'instances', 'configuration']

/** Whether changes are heard of at once. When not, pages look again by themselves. */
export const isConnected = signal(false)

const listeners = new Map<Topic, Set<() => void>>()
let source: EventSource | undefined

/** Calls `onChange` whenever something of the topic has changed, and after a time in which that was not heard. @returns how to stop. */
export function onTopic(topic: Topic, onChange: () => void): () => void {
  const of = listeners.get(topic) ?? new Set()
  listeners.set(topic, of.add(onChange))
  source ??= open()
  return () => of.delete(onChange)
}

export function closeFeed(): void {
  source?.close()
  source = undefined
  isConnected.value = false
}

/** A browser has six connections to a server over HTTP/1.1: tabs that nobody sees must not hold them all, unless they have to tell of something. */
const HIDDEN_MS = 60_000
let leaving: ReturnType<typeof setTimeout> | undefined

document.addEventListener('visibilitychange', () => {
  clearTimeout(leaving)
  if (!document.hidden) {
    if (source === undefined && listeners.size > 0) source = open()
  } else if (globalThis.Notification?.permission !== 'granted') leaving = setTimeout(closeFeed, HIDDEN_MS)
})

function open(): EventSource {
  const opened = new EventSource(`${BRIDGE}/console/api/feed`)
  opened.onopen = () => {
    isConnected.value = true
    for (const topic of TOPICS) tell(topic)
  }
  opened.onerror = () => {
    isConnected.value = false
    // Closed for good: after a 401, or when the bridge was away. Whoever looks next finds out.
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return
    source = undefined
    setTimeout(() => {
      if (listeners.size > 0) source ??= open()
    }, 3_000)
  }
  opened.onmessage = ({ data }: MessageEvent<string>) => {
    for (const topic of data.split(' ')) tell(topic as Topic)
  }
  return opened
}

function tell(topic: Topic): void {
  for (const onChange of listeners.get(topic) ?? []) onChange()
}
