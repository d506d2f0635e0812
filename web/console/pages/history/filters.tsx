import { Link } from '../../parts/link.tsx'
import { query, setQuery } from '../../place.ts'
import { FIELDS, type Query } from './record.ts'
import { TYPES } from './sentence.tsx'

const HOUR_MS = 3_600_000
const RANGES = [
  { name: '1h', title: 'Last hour', ms: HOUR_MS },
  { name: '24h', title: 'Last day', ms: 24 * HOUR_MS },
  { name: '30d', title: 'Last 30 days', ms: 720 * HOUR_MS },
] as const

const OUTCOMES = [
  'allow',
  'approve',
  'deny',
  'completed',
  'timed_out',
  'cancelled',
  'unknown',
  'not_started',
  'failed',
]
const ACTIONS = [
  'run',
  'run_on_hosts',
  'read_file',
  'list_directory',
  'write_file',
  'edit_file',
  'transfer_file',
  'use_terminal',
]

/** What the address asks for. A range that ends now begins anew with each look. */
export function askedFor(address: URLSearchParams, nowMs: number): Query {
  const fields = FIELDS.flatMap((name) => {
    const value = address.get(name)?.trim()
    return value ? [[name, value] as const] : []
  })
  const range = RANGES.find(({ name }) => name === address.get('last'))
  const since =
    range === undefined ? instantIn(address.get('since')) : new Date(nowMs - range.ms).toISOString()
  const until = instantIn(address.get('until'))
  return { ...Object.fromEntries(fields), ...(since && { since }), ...(until && { until }) }
}

function instantIn(text: string | null): string | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** As a field for date and time has it: of this browser's time zone. */
function localOf(text: string | null): string {
  const instant = instantIn(text)
  if (instant === undefined) return ''
  const at = new Date(instant)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** What is looked for, in the address, so that it can be passed on. */
export function Filters() {
  const address = query.value
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(given.get(name) ?? '').trim()
    const call = text('call')
    if (call !== '') return setQuery({ ...Object.fromEntries(FIELDS.map((name) => [name, undefined])), call })
    const [since, until] = [instantIn(text('since')), instantIn(text('until'))]
    const fields = Object.fromEntries(FIELDS.map((name) => [name, text(name)]))
    // A range that was chosen by its name stays, unless a beginning is typed beside it.
    const last = since === undefined ? (address.get('last') ?? undefined) : undefined
    setQuery({ ...fields, since, until, last })
  }
  const value = (name: string) => address.get(name) ?? ''
  const isNarrow = ['action', 'type', 'outcome', 'since', 'until'].some((name) => address.has(name))
  return (
    <form onSubmit={submit} aria-label="Records">
      <div class="filters">
        <label>
          Words
          <input name="text" type="search" value={value('text')} placeholder="nginx, deploy*" />
        </label>
        <label>
          Person
          <input name="person" value={value('person')} placeholder="user@example.com" />
        </label>
        <label>
          Host
          <input name="host" value={value('host')} />
        </label>
      </div>
      <details open={isNarrow}>
        <summary>More to look for</summary>
        <div class="filters">
          <label>
            Action
            <input name="action" list="actions" value={value('action')} />
          </label>
          <label>
            Type of record
            <input name="type" list="types" value={value('type')} />
          </label>
          <label>
            Outcome
            <input name="outcome" list="outcomes" value={value('outcome')} />
          </label>
          <label>
            Since
            <input name="since" type="datetime-local" step={1} value={localOf(address.get('since'))} />
          </label>
          <label>
            Until
            <input name="until" type="datetime-local" step={1} value={localOf(address.get('until'))} />
          </label>
          <label>
            Call
            <input name="call" placeholder="call_…" />
          </label>
        </div>
      </details>
      <Choices id="actions" of={ACTIONS} />
      <Choices id="types" of={TYPES} />
      <Choices id="outcomes" of={OUTCOMES} />
      <div class="buttons">
        <button type="submit" class="primary">
          Search
        </button>
        {RANGES.map(({ name, title }) => (
          <Link
            key={name}
            to={withQuery(address, { last: name, since: undefined, until: undefined })}
            className="button"
            current={address.get('last') === name}
          >
            {title}
          </Link>
        ))}
        <Link to={withQuery(address, { type: 'call.finished', outcome: undefined })} className="button">
          How calls ended
        </Link>
        <Link to={withQuery(address, { outcome: 'deny', type: undefined })} className="button">
          What was denied
        </Link>
        {address.size > 0 && (
          <Link to="/history" className="button">
            Everything
          </Link>
        )}
      </div>
    </form>
  )
}

function Choices({ id, of }: { id: string; of: readonly string[] }) {
  return (
    <datalist id={id}>
      {of.map((one) => (
        <option key={one} value={one} />
      ))}
    </datalist>
  )
}

/** The address of this page with some of it changed. */
export function withQuery(
  address: URLSearchParams,
  values: Readonly<Record<string, string | undefined>>,
): string {
  const changed = new URLSearchParams(address)
  for (const [name, value] of Object.entries(values))
    if (value) changed.set(name, value)
    else changed.delete(name)
  return changed.size === 0 ? '/history' : `/history?${changed}`
}
