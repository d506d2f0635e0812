import { useState } from 'preact/hooks'
import { read } from '../../bridge-client.ts'
import { messageOf } from '../../loaded.ts'

/** Lines of one request. */
const PAGE = 2_000

interface Exported {
  readonly lines: readonly string[]
  readonly next_after?: number
}

/** The log as a file: lines as they are, which `audit verify` takes. */
export function Export() {
  const [told, setTold] = useState('')
  const [going, setGoing] = useState<AbortController>()
  const begin = async () => {
    const over = new AbortController()
    setGoing(over)
    try {
      const { pieces, records } = await allLines(over.signal, (so) =>
        setTold(`${so.toLocaleString('en')} records so far…`),
      )
      offer(new Blob(pieces, { type: 'application/jsonl' }))
      setTold(`${records.toLocaleString('en')} records are in the file.`)
    } catch (error) {
      setTold(over.signal.aborted ? 'Stopped; nothing was written.' : messageOf(error))
    } finally {
      setGoing(undefined)
    }
  }
  return (
    <>
      <p>
        All records as a file of JSON lines, as they stand in the log. It is put together in this browser; a
        log of millions is better exported with <code>ssh-mcp-bridge audit export</code>.
      </p>
      <div class="buttons">
        <button type="button" disabled={going !== undefined} onClick={() => void begin()}>
          Export all records
        </button>
        {going !== undefined && (
          <button type="button" onClick={() => going.abort()}>
            Stop
          </button>
        )}
      </div>
      <p role="status">{told}</p>
    </>
  )
}

/** Ends at the first page that is not full: each page that is read adds records of its own. */
async function allLines(signal: AbortSignal, tell: (records: number) => void) {
  const pieces: string[] = []
  let records = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: Exported = await read<Exported>('/audit/export', { after, limit: PAGE }, signal)
    pieces.push(page.lines.map((line) => `${line}\n`).join(''))
    records += page.lines.length
    tell(records)
    after = page.lines.length < PAGE ? undefined : page.next_after
  }
  return { pieces, records }
}

function offer(file: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = 'audit.jsonl'
  link.click()
  // The browser has begun to save it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
