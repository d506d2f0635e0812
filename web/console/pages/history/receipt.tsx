import { useState } from 'preact/hooks'
import type { AuditRecord, Facts } from './record.ts'

/** What a receipt of this call has to say, so that one that somebody shows can be held against the log. */
export function Receipt({ of: { seq, hash, record } }: { of: AuditRecord }) {
  const [told, setTold] = useState<{ readonly isGood: boolean; readonly text: string }>()
  const { stdout_sha256, stderr_sha256 } = record
  const compare = (event: SubmitEvent) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get('receipt') ?? '')
    setTold(compared(text, { call: record.call, signed: seq, hash, stdout_sha256, stderr_sha256 }))
  }
  return (
    <section aria-label="Receipt">
      <h2>Receipt</h2>
      <p>
        With <code>audit.receipts</code> the caller of a command is given a signed receipt with the answer.
        The bridge keeps none: it is the caller's. One of this call is signed over record {seq} and its digest
        {stdout_sha256 !== undefined && ', and over the digests of the output that stand above'}.
      </p>
      <details>
        <summary>Hold a receipt against this record</summary>
        <form onSubmit={compare}>
          <label>
            The receipt, as the caller has it
            <textarea name="receipt" rows={5} required spellcheck={false} />
          </label>
          <button type="submit">Compare</button>
        </form>
        <div aria-live="polite">
          {told !== undefined && <p class={told.isGood ? 'good' : 'bad'}>{told.text}</p>}
        </div>
        <p class="soft">
          Its signature is verified with the public key of the log:{' '}
          <code>ssh-mcp-bridge audit verify-receipt FILE</code>.
        </p>
      </details>
    </section>
  )
}

function compared(text: string, expected: Facts): { isGood: boolean; text: string } {
  const receipt = parsed(text)
  if (receipt === undefined)
    return { isGood: false, text: '✗ This is no receipt: it is the object "receipt" of a result, as JSON.' }
  const other = Object.entries(expected).find(
    ([name, value]) => value !== undefined && receipt[name] !== value,
  )
  return other === undefined
    ? { isGood: true, text: '✓ It is of this call and this record, and says the same.' }
    : { isGood: false, text: `✗ It says something else about ${other[0]}.` }
}

/** The receipt itself, or a result that holds it. */
function parsed(text: string): Facts | undefined {
  try {
    const value = JSON.parse(text) as Facts & { readonly receipt?: Facts }
    const receipt = value.receipt ?? value
    return typeof receipt === 'object' && receipt.type === 'receipt' ? receipt : undefined
  } catch {
    return undefined
  }
}
