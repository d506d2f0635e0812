import { useState } from 'preact/hooks'
import { Link } from '../../parts/link.tsx'
import { Empty } from '../../parts/states.tsx'
import { Instant } from '../../parts/time.tsx'
import { query } from '../../place.ts'
import { askedFor, withQuery } from './filters.tsx'
import { RawRecord } from './raw-record.tsx'
import { type AuditRecord, callOf, isLooking, textOf } from './record.ts'
import { Sentence } from './sentence.tsx'
import { useRecords } from './use-records.ts'

/** What the address asks for, a line a record. */
export function RecordList() {
  const address = query.value
  const isAll = address.get('looking') === 'yes'
  const found = useRecords(
    address.toString(),
    () => askedFor(address, Date.now()),
    (record) => !isAll && isLooking(record),
  )
  const { records, leftOut, unindexed, hasMore, isLoading, problem, again, older } = found
  return (
    <section aria-label="Records" aria-busy={isLoading}>
      {problem !== undefined && (
        <div class="problem" role="alert">
          <p>{problem}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
      {unindexed > 0 && (
        <p class="warn">
          {unindexed} records are not in the index yet and were not looked at. Search again later.
        </p>
      )}
      <ol class="records">
        {records.map((record) => (
          <Line key={record.seq} of={record} />
        ))}
      </ol>
      {records.length === 0 && !isLoading && problem === undefined && (
        <Empty>No record is like that. Look at a longer time, or for fewer words.</Empty>
      )}
      <p role="status" class="soft">
        {isLoading
          ? 'Loading records…'
          : `${records.length} shown${hasMore ? '' : ', the oldest there is among them'}.`}
        {leftOut > 0 && ` ${leftOut} of looking at this console are left out.`}
      </p>
      <div class="buttons">
        {hasMore && (
          <button type="button" disabled={isLoading} onClick={older}>
            Older
          </button>
        )}
        <button type="button" disabled={isLoading} onClick={again}>
          Look again
        </button>
        <Link to={withQuery(address, { looking: isAll ? undefined : 'yes' })} className="button">
          {isAll ? 'Leave out looking at this console' : 'Show looking at this console too'}
        </Link>
      </div>
    </section>
  )
}

function Line({ of }: { of: AuditRecord }) {
  const [isOpen, setOpen] = useState(false)
  const call = callOf(of)
  return (
    <li class={toneOf(of)}>
      <Instant at={textOf(of.record.at)} />
      <span class="sentence">
        <Sentence of={of} />
      </span>
      <span class="about">
        {call !== undefined && (
          <Link
            to={`/history?call=${encodeURIComponent(call)}`}
            label={`The whole story of record ${of.seq}`}
          >
            Story
          </Link>
        )}
        <button
          type="button"
          class="small"
          aria-expanded={isOpen}
          aria-label={`Record ${of.seq}`}
          onClick={() => setOpen(!isOpen)}
        >
          {of.seq}
        </button>
      </span>
      {isOpen && <RawRecord of={of} />}
    </li>
  )
}

/** What somebody who skims the list should stop at. */
function toneOf({ record }: AuditRecord): string {
  const { type, verdict, result } = record
  const { status, exit_status } = (result ?? {}) as { status?: unknown; exit_status?: unknown }
  if (verdict === 'deny' || /denied|refused|reused|throttled|lost|fenced/.test(textOf(type))) return 'is-bad'
  if (
    type === 'call.finished' &&
    (status !== 'completed' || (exit_status !== undefined && exit_status !== 0))
  )
    return 'is-warn'
  return ''
}
