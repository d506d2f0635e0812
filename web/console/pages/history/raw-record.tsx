import { useState } from 'preact/hooks'
import { messageOf } from '../../loaded.ts'
import { Code } from '../../parts/plain.tsx'
import { type AuditRecord, lineOf } from './record.ts'

type Shown =
  | { readonly state: 'hidden' }
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'shown'; readonly line: string; readonly isSame: boolean | undefined }

/** The line of the log as it is, asked for when somebody wants to see it, and its digest worked out again in this browser. */
export function RawRecord({ of: { seq, hash } }: { of: AuditRecord }) {
  const [shown, setShown] = useState<Shown>({ state: 'hidden' })
  const show = async () => {
    setShown({ state: 'loading' })
    try {
      const line = await lineOf(seq)
      if (line === undefined)
        setShown({ state: 'failed', why: 'It is not there any more: it was old and removed.' })
      else setShown({ state: 'shown', line, isSame: await hasDigest(line, hash) })
    } catch (error) {
      setShown({ state: 'failed', why: messageOf(error) })
    }
  }
  if (shown.state === 'hidden' || shown.state === 'loading')
    return (
      <button type="button" class="small" disabled={shown.state === 'loading'} onClick={() => void show()}>
        {shown.state === 'loading' ? 'Reading…' : `Record ${seq} exactly`}
      </button>
    )
  if (shown.state === 'failed')
    return (
      <p class="problem" role="alert">
        {shown.why}
      </p>
    )
  return (
    <div class="raw">
      <p>
        Record {seq}, SHA-256 <code>{hash}</code>{' '}
        {shown.isSame === true && <span class="good">✓ worked out again here: the same</span>}
        {shown.isSame === false && <strong class="bad">✗ worked out again here: another</strong>}
      </p>
      <Code text={shown.line} label={`Record ${seq} exactly`} />
      <button type="button" class="small" onClick={() => setShown({ state: 'hidden' })}>
        Hide it
      </button>
    </div>
  )
}

/** Undefined where the browser has no digests: on a page that came over plain HTTP from another machine. */
async function hasDigest(line: string, hash: string): Promise<boolean | undefined> {
  if (!isSecureContext) return undefined
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(line)))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('') === hash
}
