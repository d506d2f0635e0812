import { useState } from 'preact/hooks'
import { send } from '../../bridge-client.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Code, Plain } from '../../parts/plain.tsx'
import { type Approval, hasChanged, type Verdict } from './approval.ts'

const LENGTHS = [
  ['', 'this once only'],
  ['900', 'for 15 minutes'],
  ['3600', 'for 1 hour'],
  ['28800', 'for 8 hours'],
  ['86400', 'for 1 day'],
  ['604800', 'for 7 days'],
  ['2592000', 'for 30 days'],
] as const

/** The answer of a person to a request exactly as it is shown here: it names its digest. */
export function AnswerDialog({
  request,
  verdict,
  onAnswered,
  onChanged,
  onClose,
}: {
  request: Approval
  verdict: Verdict
  onAnswered: (answered: Approval) => void
  /** It was not what it is shown as any more, and why. */
  onChanged: (why: string) => void
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [seconds, setSeconds] = useState('')
  const isApproval = verdict === 'approve'
  const answer = async () => {
    try {
      onAnswered(
        await send<Approval>('/approvals/answer', {
          command_id: request.command_id,
          verdict,
          digest: request.digest,
          ...(reason !== '' && { reason }),
          ...(isApproval && seconds !== '' && { grant_seconds: Number(seconds) }),
        }),
      )
    } catch (error) {
      if (!hasChanged(error)) throw error
      onChanged(error.message)
    }
  }
  return (
    <Confirm
      title={isApproval ? 'Approve this request?' : 'Deny this request?'}
      yes={isApproval ? 'Approve' : 'Deny'}
      danger={!isApproval}
      act={answer}
      onClose={onClose}
    >
      <p>
        <Plain text={request.requester} /> asks to {request.action.replaceAll('_', ' ')}
        {request.host !== undefined && (
          <>
            {' '}
            on <code>{request.host}</code>
          </>
        )}
        :
      </p>
      <Code text={request.text} label="All that would be done" />
      {isApproval && request.needed > request.answers.length + 1 && (
        <p>
          Yours will be answer {request.answers.length + 1} of {request.needed}: it runs when all are there.
        </p>
      )}
      <label>
        Reason, for the requester and the audit
        <textarea
          rows={2}
          maxLength={1_024}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {isApproval && (
        <label>
          Let the same person do exactly this here
          <select value={seconds} onInput={(event) => setSeconds(event.currentTarget.value)}>
            {LENGTHS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
    </Confirm>
  )
}
