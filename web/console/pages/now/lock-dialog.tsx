import { useState } from 'preact/hooks'
import { send } from '../../bridge-client.ts'
import { Confirm } from '../../parts/confirm.tsx'
import {
  type Fields,
  fieldsFor,
  kindFor,
  type Lock,
  TARGET_KINDS,
  type TargetKind,
  targetOf,
  targetText,
} from './lock-target.ts'
import type { About } from './now-view.ts'

const LENGTHS = [
  ['', 'until it is lifted'],
  ['900', '15 minutes'],
  ['3600', '1 hour'],
  ['28800', '8 hours'],
  ['86400', '1 day'],
  ['604800', '7 days'],
] as const

const ASKED = {
  email: [['email', 'E-mail address']],
  identity: [
    ['issuer', 'Issuer'],
    ['subject', 'Subject'],
  ],
  client: [['client', 'Client id']],
  api_key: [['api_key', 'Name of the key']],
  host: [['host', 'Host']],
  all: [],
} as const satisfies Record<TargetKind, readonly (readonly [keyof Fields, string])[]>

/** Keeps somebody or something out, and ends what it has begun. */
export function LockDialog({
  about,
  onLocked,
  onClose,
}: {
  about: About
  onLocked: (told: string) => void
  onClose: () => void
}) {
  const [kind, setKind] = useState<TargetKind>(kindFor(about))
  const [fields, setFields] = useState<Fields>(fieldsFor(about))
  const [reason, setReason] = useState('')
  const [seconds, setSeconds] = useState('')
  const lock = async () => {
    const { lock, ended_calls } = await send<{ lock: Lock; ended_calls: number }>('/locks', {
      on: targetOf(kind, fields),
      ...(reason !== '' && { reason }),
      ...(seconds !== '' && { for_seconds: Number(seconds) }),
    })
    const calls = ended_calls === 1 ? '1 call was' : `${ended_calls} calls were`
    onLocked(
      `Locked: ${targetText(lock.on)}. ${calls} ended here; other instances do the same within a second.`,
    )
  }
  return (
    <Confirm title="Lock" yes="Lock" danger act={lock} onClose={onClose}>
      <p>New work is refused, and what runs is ended at once. Whoever is locked does not hear the reason.</p>
      <label>
        What
        <select value={kind} onInput={(event) => setKind(event.currentTarget.value as TargetKind)}>
          {Object.entries(TARGET_KINDS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {ASKED[kind].map(([name, text]) => (
        <label key={name}>
          {text}
          <input
            required
            maxLength={1_024}
            value={fields[name]}
            onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      {kind === 'all' && (
        <p class="warn">Everybody is refused everywhere, you too, but for lifting locks: the kill switch.</p>
      )}
      <label>
        Reason, for operators and the audit
        <input maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <label>
        How long
        <select value={seconds} onInput={(event) => setSeconds(event.currentTarget.value)}>
          {LENGTHS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </Confirm>
  )
}
