import './history/history.css'
import { query } from '../place.ts'
import { Export } from './history/export.tsx'
import { Filters } from './history/filters.tsx'
import { RecordList } from './history/record-list.tsx'
import { Story } from './history/story.tsx'
import { Verify } from './history/verify.tsx'

/** What happened: the audit, for who may read it. */
export default function HistoryPage() {
  const call = query.value.get('call')
  if (call !== null) return <Story key={call} call={call} />
  return (
    <>
      <h1>History</h1>
      <Filters />
      <RecordList />
      <h2>The log as evidence</h2>
      <details>
        <summary>Verify</summary>
        <Verify />
      </details>
      <details>
        <summary>Export</summary>
        <Export />
      </details>
    </>
  )
}
