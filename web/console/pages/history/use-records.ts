import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from '../../bridge-client.ts'
import { messageOf } from '../../loaded.ts'
import { who } from '../../who.ts'
import { type AuditRecord, findRecords, type Query } from './record.ts'

/** Records of one request. */
const PAGE = 50
/** With looking left out, a page may have next to nothing: then the next is asked for by itself, so often. */
const MOST_PAGES = 5
const ENOUGH = 15

export interface Records {
  readonly records: readonly AuditRecord[]
  readonly leftOut: number
  readonly unindexed: number
  /** There may be older ones. */
  readonly hasMore: boolean
  readonly isLoading: boolean
  readonly problem: string | undefined
  readonly again: () => void
  readonly older: () => void
}

interface Shown extends Pick<Records, 'records' | 'leftOut' | 'unindexed' | 'hasMore'> {
  readonly lowest: number | undefined
}

const NOTHING: Shown = { records: [], leftOut: 0, unindexed: 0, hasMore: false, lowest: undefined }

/** Records page by page, the newest first. Nothing looks again by itself: each look is a call, and on record. */
export function useRecords(
  key: string,
  asked: () => Query,
  leaves: (record: AuditRecord) => boolean,
): Records {
  const [shown, setShown] = useState<Shown>(NOTHING)
  const [isLoading, setLoading] = useState(true)
  const [problem, setProblem] = useState<string>()
  const [turn, setTurn] = useState(0)
  const latest = useRef({ asked, leaves, over: new AbortController() })
  latest.current.asked = asked
  latest.current.leaves = leaves

  const load = async (from: Shown, query: Query, signal: AbortSignal) => {
    setLoading(true)
    setProblem(undefined)
    try {
      await pages(from, query, latest.current.leaves, signal, setShown)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Refused && error.status === 401) who.value = { state: 'out' }
      setProblem(messageOf(error))
    }
    if (!signal.aborted) setLoading(false)
  }

  useEffect(() => {
    const over = new AbortController()
    latest.current.over = over
    setShown(NOTHING)
    void load(NOTHING, latest.current.asked(), over.signal)
    return () => over.abort()
  }, [key, turn])

  return {
    ...shown,
    isLoading,
    problem,
    again: () => setTurn((before) => before + 1),
    older: () => void load(shown, latest.current.asked(), latest.current.over.signal),
  }
}

async function pages(
  from: Shown,
  query: Query,
  leaves: (record: AuditRecord) => boolean,
  signal: AbortSignal,
  show: (shown: Shown) => void,
): Promise<void> {
  let shown = from
  const enough = from.records.length + ENOUGH
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const before = shown.lowest === undefined ? {} : { before: shown.lowest }
    const found = await findRecords({ ...query, ...before, limit: PAGE }, signal)
    if (signal.aborted) return
    const kept = found.records.filter((record) => !leaves(record))
    shown = {
      records: [...shown.records, ...kept],
      leftOut: shown.leftOut + found.records.length - kept.length,
      unindexed: Math.max(shown.unindexed, found.unindexed),
      hasMore: found.records.length === PAGE,
      lowest: found.records.at(-1)?.seq ?? shown.lowest,
    }
    show(shown)
    if (!shown.hasMore || shown.records.length >= enough) return
  }
}
