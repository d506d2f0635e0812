import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { messageOf } from '../../loaded.ts'
import { type Cast, timesOf } from './cast.ts'
import { type Row, ScreenModel } from './screen-model.ts'
import { lastWhere } from './transcript.ts'

export interface Playing {
  readonly isPlaying: boolean
  readonly atS: number
  readonly lengthS: number
  readonly rows: readonly Row[]
  readonly size: { readonly columns: number; readonly rows: number }
  /** It is on its way to the place, which is far. */
  readonly isDrawing: boolean
  readonly problem: string | undefined
  readonly toggle: () => void
  readonly seek: (atS: number) => void
  /** To when the event has been shown, and stops there. */
  readonly jump: (index: number) => void
}

/** For whoever wants no motion the screen changes so often, not with each picture. */
const CALM_MS = 500
/** Between two pictures, so long is drawn. */
const DRAWING_MS = 30

/** Plays a recording: time goes on while it plays, and the screen is what had been shown by then. */
export function usePlaying(cast: Cast, speed: number, idleS: number): Playing {
  const times = useMemo(() => timesOf(cast, idleS), [cast, idleS])
  const lengthS = times.at(-1) ?? 0
  const model = useRef<ScreenModel>(undefined)
  const place = useRef({ atS: 0, end: -1, isThere: false, frame: 0 })
  const [isPlaying, setPlaying] = useState(false)
  const [shown, setShown] = useState<Pick<Playing, 'atS' | 'rows' | 'size' | 'isDrawing' | 'problem'>>({
    atS: 0,
    rows: [],
    size: cast,
    isDrawing: false,
    problem: undefined,
  })

  const draw = (atS: number, end: number) => {
    cancelAnimationFrame(place.current.frame)
    const isNew = !place.current.isThere || end !== place.current.end
    place.current = { atS, end, isThere: true, frame: 0 }
    model.current ??= new ScreenModel(cast)
    const { current } = model
    try {
      const isThere = !isNew || current.goTo(end, DRAWING_MS)
      place.current.isThere = isThere
      // A long way is gone in steps, so that the page can be used meanwhile.
      if (!isThere) place.current.frame = requestAnimationFrame(() => draw(atS, end))
      setShown((before) => ({
        atS,
        rows: isNew ? current.rows() : before.rows,
        size: current.size,
        isDrawing: !isThere,
        problem: undefined,
      }))
    } catch (error) {
      setPlaying(false)
      const problem = `It cannot be drawn any further: ${messageOf(error)}`
      setShown((before) => ({ ...before, atS, isDrawing: false, problem }))
    }
  }
  const seek = (to: number) => {
    const atS = Math.min(Math.max(0, to), lengthS)
    draw(atS, lastWhere(times, (time) => time <= atS) + 1)
  }

  useEffect(() => {
    const { end } = place.current
    if (end <= 0) seek(0)
    else draw(times[end - 1] ?? 0, end)
  }, [times])
  useEffect(
    () => () => {
      cancelAnimationFrame(place.current.frame)
      model.current?.close()
    },
    [],
  )

  useEffect(() => {
    if (!isPlaying) return
    const calmMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM_MS : 0
    let before = performance.now()
    let frame = requestAnimationFrame(function next(now) {
      frame = requestAnimationFrame(next)
      if (now - before < calmMs) return
      const atS = place.current.atS + ((now - before) / 1_000) * speed
      before = now
      seek(atS)
      if (atS >= lengthS) setPlaying(false)
    })
    return () => cancelAnimationFrame(frame)
  }, [isPlaying, speed, times])

  return {
    ...shown,
    isPlaying,
    lengthS,
    toggle() {
      // At the end, playing means from the beginning.
      if (!isPlaying && place.current.atS >= lengthS) seek(0)
      setPlaying(!isPlaying)
    },
    seek,
    jump(index) {
      setPlaying(false)
      draw(times[index] ?? 0, index + 1)
    },
  }
}
