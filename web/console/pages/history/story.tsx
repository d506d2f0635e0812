import { useLoaded } from '../../loaded.ts'
import { Link } from '../../parts/link.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Instant } from '../../parts/time.tsx'
import { FactsList } from './facts-list.tsx'
import { RawRecord } from './raw-record.tsx'
import { Receipt } from './receipt.tsx'
import { type AuditRecord, callOf, type Facts, findRecords, textOf, typeOf } from './record.ts'
import { Sentence } from './sentence.tsx'

/** A call has a few records; one on many hosts is told in part. */
const MOST = 500

/** Everything that is on record of one call, in its order. */
export function Story({ call }: { call: string }) {
  const found = useLoaded(`story ${call}`, (signal) => findRecords({ call, limit: MOST }, signal))
  return (
    <>
      <p>
        <Link to="/history">All records</Link>
      </p>
      <h1>
        The story of <Plain text={call} />
      </h1>
      <Show of={found} what="what is on record of it">
        {({ records }) => (
          <>
            <Told call={call} records={records.toReversed()} />
            <button type="button" onClick={found.again}>
              Look again
            </button>
          </>
        )}
      </Show>
    </>
  )
}

function Told({ call, records }: { call: string; records: readonly AuditRecord[] }) {
  const own = records.filter((record) => callOf(record) === call)
  const [first] = own
  if (first === undefined)
    return (
      <Empty>
        There is no record of this call. It may be older than audit.retention_days, or its id is not whole.
      </Empty>
    )
  const parent = first.record.parent
  const end = own.findLast((record) => typeOf(record) === 'call.finished')
  const decided = own.find((record) => typeOf(record) === 'call.decided')
  return (
    <>
      {parent !== undefined && (
        <p>
          On behalf of{' '}
          <Link to={`/history?call=${encodeURIComponent(textOf(parent))}`}>
            <Plain text={textOf(parent)} />
          </Link>
        </p>
      )}
      <ol class="timeline">
        {own.map((record) => (
          <Step key={record.seq} of={record} first={first.record} claims={decided?.record.claims} />
        ))}
      </ol>
      {end === undefined && <NotEnded decided={decided} />}
      {end !== undefined && end.record.action === 'run' && <Receipt of={end} />}
      <OnItsBehalf records={records.filter((record) => callOf(record) !== call)} />
      {records.length === MOST && (
        <p class="warn">There is more than the last {MOST} records: search for it by words.</p>
      )}
    </>
  )
}

function NotEnded({ decided }: { decided: AuditRecord | undefined }) {
  return decided?.record.verdict === 'deny' ? (
    <p>It was denied: nothing was run, and nothing more follows.</p>
  ) : (
    <p>It has not ended yet, or its end is not on record yet.</p>
  )
}

/** What `call.received` tells stands there, and is not told again. */
function Step({ of, first, claims }: { of: AuditRecord; first: Facts; claims: unknown }) {
  const { record } = of
  const isFirst = record === first
  return (
    <li>
      <p>
        <Instant at={textOf(record.at)} /> <span class="tag">{typeOf(of)}</span>
      </p>
      <h2>
        <Sentence of={of} />
      </h2>
      {isFirst ? <Beginning record={record} claims={claims} /> : <FactsList of={news(record, first)} />}
      <RawRecord of={of} />
    </li>
  )
}

const PLACE = ['at', 'type', 'call', 'parent']

/** Who asked, as their token says, and what. */
function Beginning({ record, claims }: { record: Facts; claims: unknown }) {
  const { principal, edge, remote, ...asked } = record
  return (
    <>
      <h3>Who</h3>
      <FactsList
        of={{ ...(principal as Facts | undefined), ...(claims as Facts | undefined), edge, remote }}
      />
      <h3>What was asked</h3>
      <FactsList of={asked} without={PLACE} />
    </>
  )
}

/** What a record tells that the first one did not. */
function news(record: Facts, first: Facts): Facts {
  const members = Object.entries(record).filter(
    ([name, value]) => !PLACE.includes(name) && name !== 'claims' && textOf(value) !== textOf(first[name]),
  )
  return Object.fromEntries(members)
}

/** The calls that were made for it, by how each stands. */
function OnItsBehalf({ records }: { records: readonly AuditRecord[] }) {
  const last = new Map(records.map((record) => [callOf(record), record]))
  if (last.size === 0) return null
  return (
    <>
      <h2>On its behalf</h2>
      <ul class="cards">
        {[...last].map(([call = '', record]) => (
          <li key={call} class="card">
            <Sentence of={record} />{' '}
            <Link to={`/history?call=${encodeURIComponent(call)}`}>
              <Plain text={call} />
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
