import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from './bridge-client.ts'
import { isConnected, onTopic, type Topic } from './feed.ts'
import { who } from './who.ts'

export interface Loaded<T> {
  /** The last that came; it stays while a newer one is on its way, and when that cannot be had. */
  readonly value: T | undefined
  readonly isLoading: boolean
  readonly problem: string | undefined
  /** `problem` is that this person may not: nothing is broken, and asking again says the same. */
  readonly isForOthers: boolean
  readonly again: () => void
}

/** Looks again by itself so often while changes are not heard of. */
const LOOK_MS = 5_000

/**
 * What `load` gives, loaded now, whenever `key` changes, and whenever something of one of the topics does. An answer that was overtaken by a newer
 * question is dropped.
 */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  topics: readonly Topic[] = [],
): Loaded<T> {
  const [shown, setShown] = useState<{
    key: string
    value: T | undefined
    problem: string | undefined
    isForOthers: boolean
    isLoading: boolean
  }>({
    key,
    value: undefined,
    problem: undefined,
    isForOthers: false,
    isLoading: true,
  })
  const [turn, setTurn] = useState(0)
  const latest = useRef(load)
  latest.current = load

  useEffect(() => {
    const over = new AbortController()
    setShown((before) => ({
      key,
      value: before.key === key ? before.value : undefined,
      problem: before.problem,
      isForOthers: before.isForOthers,
      isLoading: true,
    }))
    latest.current(over.signal).then(
      (value) => {
        if (!over.signal.aborted)
          setShown({ key, value, problem: undefined, isForOthers: false, isLoading: false })
      },
      (error: unknown) => {
        if (over.signal.aborted) return
        if (error instanceof Refused && error.status === 401) who.value = { state: 'out' }
        const isForOthers = error instanceof Refused && error.status === 403
        setShown((before) => ({ ...before, problem: messageOf(error), isForOthers, isLoading: false }))
      },
    )
    return () => over.abort()
  }, [key, turn])

  useEffect(() => {
    const again = () => setTurn((before) => before + 1)
    const stops = topics.map((topic) => onTopic(topic, again))
    const timer = setInterval(() => {
      if (topics.length > 0 && !isConnected.value && !document.hidden) again()
    }, LOOK_MS)
    return () => {
      clearInterval(timer)
      for (const stop of stops) stop()
    }
  }, [topics.join(' ')])

  return {
    ...shown,
    value: shown.key === key ? shown.value : undefined,
    again: () => setTurn((before) => before + 1),
  }
}

export function messageOf(error: unknown): string {
  if (error instanceof TypeError) return 'The bridge cannot be reached. It is tried again.'
  return error instanceof Error ? error.message : String(error)
}
