import './recordings/recordings.css'
import { query } from '../place.ts'
import { OneRecording } from './recordings/one-recording.tsx'
import { RecordingList } from './recordings/recording-list.tsx'

/** What commands and terminals showed: recordings, for who may read them. */
export default function RecordingsPage() {
  const id = query.value.get('id')
  if (id !== null) return <OneRecording key={id} id={id} />
  return (
    <>
      <h1>Recordings</h1>
      <RecordingList />
    </>
  )
}
