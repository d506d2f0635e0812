import { useState } from 'preact/hooks'
import { messageOf, useLoaded } from '../../loaded.ts'
import { Link } from '../../parts/link.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { duration, Instant } from '../../parts/time.tsx'
import { query, setQuery } from '../../place.ts'
import { FILTERS, findRecordings, type Recording, STATES, sizeText } from './recording.ts'

/** Recordings of one request. */
const PAGE = 50

/** What was recorded, the latest first. */
export function RecordingList() {
  const address = query.value
  const asked = Object.fromEntries(FILTERS.map((name) => [name, address.get(name) ?? undefined]))
  const found = useLoaded(`recordings ${address}`, (signal) =>
    findRecordings({ ...asked, limit: PAGE }, signal),
  )
  return (
    <>
      <Filters address={address} />
      <Show of={found} what="recordings">
        {(first) =>
          first.length === 0 ? (
            <Empty>
              Nothing is recorded, or nothing like that. With <code>recording.enabled</code> commands and
              terminals on the hosts of <code>recording.hosts</code> are.
            </Empty>
          ) : (
            <Pages key={String(address)} first={first} asked={asked} />
          )
        }
      </Show>
    </>
  )
}

function Filters({ address }: { address: URLSearchParams }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement)
    setQuery(
      Object.fromEntries(
        FILTERS.map((name) => {
          const text = String(given.get(name) ?? '').trim()
          return [name, isTime(name) && text !== '' ? new Date(text).toISOString() : text]
        }),
      ),
    )
  }
  return (
    <form onSubmit={submit} aria-label="Recordings">
      <div class="filters">
        {FILTERS.map((name) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: whichever of the two it is
          <label key={name}>
            {TITLES[name]}
            {isTime(name) ? (
              <input name={name} type="date" value={(address.get(name) ?? '').slice(0, 10)} />
            ) : (
              <input name={name} value={address.get(name) ?? ''} />
            )}
          </label>
        ))}
      </div>
      <div class="buttons">
        <button type="submit" class="primary">
          Search
        </button>
        {address.size > 0 && (
          <Link to="/recordings" className="button">
            Everything
          </Link>
        )}
      </div>
    </form>
  )
}

const TITLES = {
  person: 'Person',
  host: 'Host',
  call: 'Call',
  since: 'Begun since',
  until: 'Begun before',
} as const
const isTime = (name: string) => name === 'since' || name === 'until'

/** The first page as it was loaded, and older ones as they are asked for. */
function Pages({
  first,
  asked,
}: {
  first: readonly Recording[]
  asked: Readonly<Record<string, string | undefined>>
}) {
  const [more, setMore] = useState<readonly Recording[]>([])
  const [hasMore, setHasMore] = useState(first.length === PAGE)
  const [problem, setProblem] = useState<string>()
  const shown = [...first, ...more]
  const older = async () => {
    try {
      const last = Date.parse(shown.at(-1)?.started_at ?? '')
      // Of the same millisecond there may be more: what is here already is dropped.
      const page = await findRecordings({ ...asked, until: new Date(last + 1).toISOString(), limit: PAGE })
      setMore([...more, ...page.filter(({ id }) => shown.every((one) => one.id !== id))])
      setHasMore(page.length === PAGE)
      setProblem(undefined)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <>
      <ul class="cards">
        {shown.map((recording) => (
          <Card key={recording.id} of={recording} />
        ))}
      </ul>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {hasMore && (
        <button type="button" onClick={() => void older()}>
          Older
        </button>
      )}
    </>
  )
}

function Card({ of: { id, kind, name, host, started_at, ended_at, state, bytes } }: { of: Recording }) {
  return (
    <li class="card">
      <p>
        <Link to={`/recordings?id=${encodeURIComponent(id)}`}>
          {kind === 'terminal' ? 'Terminal' : 'Command'} of <Plain text={name} /> on <Plain text={host} />
        </Link>
      </p>
      <p class="soft">
        <Instant at={started_at} />
        {ended_at !== undefined && `, ${duration(Date.parse(ended_at) - Date.parse(started_at))}`}
        {bytes !== undefined && `, ${sizeText(bytes)}`}, {STATES[state]}
      </p>
    </li>
  )
}
