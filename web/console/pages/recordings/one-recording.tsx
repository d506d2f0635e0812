import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { messageOf, useLoaded } from '../../loaded.ts'
import { Link } from '../../parts/link.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Show } from '../../parts/states.tsx'
import { Instant } from '../../parts/time.tsx'
import { type Cast, parseCast } from './cast.ts'
import { castOf, type Recording, recordingOf, STATES, sizeText } from './recording.ts'

/** What is known of one recording, and what it shows, for who asks for that. */
export function OneRecording({ id }: { id: string }) {
  const found = useLoaded(`recording ${id}`, (signal) => recordingOf(id, signal))
  return (
    <>
      <p>
        <Link to="/recordings">All recordings</Link>
      </p>
      <h1>Recording</h1>
      <Show of={found} what="what is known of it">
        {(recording) => (
          <>
            <Known of={recording} />
            <Opened id={recording.id} />
          </>
        )}
      </Show>
    </>
  )
}

function Known({
  of: { id, kind, call, name, host, started_at, ended_at, state, why, bytes, sha256 },
}: {
  of: Recording
}) {
  return (
    <dl>
      <dt>Of</dt>
      <dd>
        a {kind} of <Plain text={name} /> on <Plain text={host} />
      </dd>
      <dt>When</dt>
      <dd>
        <Instant at={started_at} />
        {ended_at !== undefined && (
          <>
            {' '}
            to <Instant at={ended_at} />
          </>
        )}
      </dd>
      <dt>Call</dt>
      <dd>
        <Link to={`/history?call=${encodeURIComponent(call)}`}>
          <Plain text={call} />
        </Link>
      </dd>
      <dt>State</dt>
      <dd>
        {STATES[state]}
        {why !== undefined && (
          <>
            : <Plain text={why} />
          </>
        )}
        {bytes !== undefined && `, ${sizeText(bytes)}`}
      </dd>
      {sha256 !== undefined && (
        <>
          <dt>SHA-256</dt>
          <dd>
            <code>{sha256}</code>
          </dd>
        </>
      )}
      <dt>Id</dt>
      <dd>
        <code>{id}</code>
      </dd>
    </dl>
  )
}

type State =
  | { readonly state: 'closed' }
  | { readonly state: 'reading'; readonly bytes: number }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'open'; readonly cast: Cast; readonly Player: ComponentType<{ cast: Cast }> }

/** Nobody's screen is shown by the mere following of a link: reading is an act, and on record. */
function Opened({ id }: { id: string }) {
  const [now, setNow] = useState<State>({ state: 'closed' })
  const over = useRef<AbortController>(undefined)
  useEffect(() => () => over.current?.abort(), [])
  const open = async () => {
    over.current = new AbortController()
    const { signal } = over.current
    setNow({ state: 'reading', bytes: 0 })
    try {
      const [text, player] = await Promise.all([
        castOf(id, signal, (bytes) => setNow({ state: 'reading', bytes })),
        import('./player.tsx'),
      ])
      if (!signal.aborted) setNow({ state: 'open', cast: parseCast(text), Player: player.default })
    } catch (error) {
      if (!signal.aborted) setNow({ state: 'failed', why: messageOf(error) })
    }
  }
  return (
    <>
      {now.state !== 'open' && (
        <p>That you read a recording is put on record, with your name, before anything of it is shown.</p>
      )}
      {(now.state === 'closed' || now.state === 'failed') && (
        <button type="button" class="primary" onClick={() => void open()}>
          Open the recording
        </button>
      )}
      <div aria-live="polite">
        {now.state === 'reading' && <p class="loading">Reading the recording… {sizeText(now.bytes)}</p>}
        {now.state === 'failed' && <p class="problem">{now.why}</p>}
      </div>
      {now.state === 'open' && (
        <>
          <p class="soft">That you read it is on record.</p>
          <now.Player cast={now.cast} />
        </>
      )}
    </>
  )
}
