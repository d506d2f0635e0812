import { useState } from 'preact/hooks'
import { send } from '../../bridge-client.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Ago } from '../../parts/time.tsx'
import { holds } from '../../who.ts'
import type { Lock } from './shapes.ts'

const TIMES = [
  ['', 'until somebody lifts it'],
  ['3600', 'for an hour'],
  ['86400', 'for a day'],
  ['604800', 'for a week'],
] as const

/** The locks on something, and what admins can do about them. `what` is what it is called in questions. */
export function Locks({
  on,
  what,
  locks,
  onChange,
  warning,
}: {
  on: Lock['on']
  what: string
  locks: readonly Lock[]
  onChange: () => void
  warning?: string | undefined
}) {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      {locks.map((lock) => (
        <LockLine key={lock.id} lock={lock} onChange={onChange} />
      ))}
      {holds('admin') && (
        <div class="buttons">
          <button type="button" onClick={() => setAsking(true)} aria-label={`Lock ${what}`}>
            Lock…
          </button>
        </div>
      )}
      {isAsking && (
        <AskLock
          on={on}
          what={what}
          warning={warning}
          onClose={() => {
            setAsking(false)
            onChange()
          }}
        />
      )}
    </>
  )
}

function AskLock({
  on,
  what,
  warning,
  onClose,
}: {
  on: Lock['on']
  what: string
  warning: string | undefined
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [seconds, setSeconds] = useState('')
  const act = () =>
    send('/locks', {
      on,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
      ...(seconds !== '' && { for_seconds: Number(seconds) }),
    })
  return (
    <Confirm title={`Lock ${what}?`} yes="Lock" act={act} onClose={onClose} danger>
      <p>New work is refused, and what runs is ended within a second. It is put on record.</p>
      {warning !== undefined && (
        <p class="problem" role="alert">
          {warning}
        </p>
      )}
      <label>
        Reason (for operators and the audit)
        <input
          type="text"
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <label>
        How long
        <select value={seconds} onChange={(event) => setSeconds(event.currentTarget.value)}>
          {TIMES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </Confirm>
  )
}

/** One lock, and a way to lift it. */
export function LockLine({ lock, onChange }: { lock: Lock; onChange: () => void }) {
  const [isAsking, setAsking] = useState(false)
  return (
    <div class="lock">
      <span>
        <strong class="bad">Locked</strong> by <Plain text={lock.by} /> <Ago at={lock.at} />:{' '}
        <Plain text={lock.reason} />
        {lock.expires_at !== undefined && (
          <>
            {' '}
            (lifted by itself <Ago at={lock.expires_at} />)
          </>
        )}
      </span>
      {holds('admin') && (
        <button type="button" onClick={() => setAsking(true)}>
          Lift…
        </button>
      )}
      {isAsking && (
        <Confirm
          title="Lift this lock?"
          yes="Lift"
          act={() => send('/locks/remove', { id: lock.id })}
          onClose={() => {
            setAsking(false)
            onChange()
          }}
        >
          <p>
            Locked by <Plain text={lock.by} /> for: <Plain text={lock.reason} />
          </p>
          <p>Work is taken again at once. It is put on record.</p>
        </Confirm>
      )}
    </div>
  )
}
