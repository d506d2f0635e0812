import { signal } from '@preact/signals'

/** This moment, for what is told as "3 minutes ago". */
export const tick = signal(Date.now())
setInterval(() => {
  tick.value = Date.now()
}, 1_000)

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

const words = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** How long ago, or until when; the whole instant as its title. */
export function Ago({ at }: { at: string }) {
  const ms = Date.parse(at) - tick.value
  const [unit, size] = UNITS.find(([, one]) => Math.abs(ms) >= one) ?? (['second', 1_000] as const)
  return (
    <time dateTime={at} title={whole.format(new Date(at))}>
      {Math.abs(ms) < 1_000 ? 'now' : words.format(Math.trunc(ms / size), unit)}
    </time>
  )
}

export function Instant({ at }: { at: string }) {
  return <time dateTime={at}>{whole.format(new Date(at))}</time>
}

/** A length of time, as `2 m 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const s = Math.floor(ms / 1_000)
  if (s < 60) return `${s} s`
  if (s < 3_600) return `${Math.floor(s / 60)} m ${s % 60} s`
  return `${Math.floor(s / 3_600)} h ${Math.floor((s % 3_600) / 60)} m`
}
