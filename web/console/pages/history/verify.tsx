import { useState } from 'preact/hooks'
import { read } from '../../bridge-client.ts'
import { messageOf } from '../../loaded.ts'
import { Plain } from '../../parts/plain.tsx'
import { duration, Instant, tick } from '../../parts/time.tsx'

interface Verified {
  readonly good: boolean
  readonly bad?: { readonly seq: number; readonly fault: string; readonly why: string }
  readonly log?: string
  readonly records: number
  readonly signed_to: number
  readonly unsigned: number
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'going'; readonly sinceMs: number }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'done'; readonly it: Verified; readonly tookMs: number; readonly at: string }

/** Whether every record is as it was written. */
export function Verify() {
  const [now, setNow] = useState<State>({ state: 'idle' })
  const verify = async () => {
    const sinceMs = Date.now()
    setNow({ state: 'going', sinceMs })
    try {
      const it = await read<Verified>('/audit/verify')
      setNow({ state: 'done', it, tookMs: Date.now() - sinceMs, at: new Date().toISOString() })
    } catch (error) {
      setNow({ state: 'failed', why: messageOf(error) })
    }
  }
  return (
    <>
      <p>
        Verifying goes through every record there is, from the first to the last: each must follow from the
        one before, and every signature must hold. With many records it takes a while; that it was done is on
        record.
      </p>
      <button type="button" disabled={now.state === 'going'} onClick={() => void verify()}>
        Verify all records
      </button>
      <div aria-live="polite">
        {now.state === 'going' && (
          <p class="loading">
            <progress aria-label="Verifying" /> Going through all records for{' '}
            {duration(Math.max(0, tick.value - now.sinceMs))}…
          </p>
        )}
        {now.state === 'failed' && <p class="problem">{now.why}</p>}
        {now.state === 'done' && <Result {...now} />}
      </div>
    </>
  )
}

function Result({ it, tookMs, at }: { it: Verified; tookMs: number; at: string }) {
  const { good, bad, log, records, signed_to, unsigned } = it
  return (
    <div class="card">
      {good ? (
        <p>
          <strong class="good">✓ Every record is as it was written.</strong>
        </p>
      ) : (
        <p>
          <strong class="bad">
            ✗ Record {bad?.seq} is not as it was written: <Plain text={bad?.why ?? ''} /> (
            <Plain text={bad?.fault ?? ''} />)
          </strong>
        </p>
      )}
      <dl>
        <dt>Log</dt>
        <dd>
          <code>{log ?? 'not begun'}</code>
        </dd>
        <dt>Records</dt>
        <dd>{records.toLocaleString('en')}</dd>
        <dt>Signed up to record</dt>
        <dd>{signed_to.toLocaleString('en')}</dd>
        <dt>Not signed yet</dt>
        <dd>{unsigned.toLocaleString('en')}</dd>
        <dt>Verified</dt>
        <dd>
          <Instant at={at} />, in {duration(tookMs)}
        </dd>
      </dl>
      <p class="soft">
        This is the bridge's word. Who would rather not take it verifies an export with{' '}
        <code>ssh-mcp-bridge audit verify</code> and keys that are kept elsewhere.
      </p>
    </div>
  )
}
