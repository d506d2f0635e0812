import { send } from '../../bridge-client.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Code } from '../../parts/plain.tsx'

interface Cancelled {
  readonly host: string
  readonly cancelled: boolean
  readonly state: string
  readonly remote?: { readonly state: string; readonly stopped_by?: string; readonly reason?: string }
}

/** Ends a command of whoever it is, once that was meant. `onDone` is told what came of it. */
export function EndCommand({
  id,
  command,
  onDone,
  onClose,
}: {
  id: string
  command: string | undefined
  onDone: (told: string) => void
  onClose: () => void
}) {
  return (
    <Confirm
      title="End this command?"
      yes="End it"
      danger
      onClose={onClose}
      act={async () =>
        onDone(toldOf(await send<Cancelled>('/commands/cancel', { command_id: id, of_anybody: true })))
      }
    >
      {command !== undefined && <Code text={command} label="The command" />}
      <p>
        Its processes are asked to stop, and killed after some seconds if they do not. Whoever runs it is told
        that it was cancelled. That you ended it is on record.
      </p>
    </Confirm>
  )
}

function toldOf({ host, cancelled, state, remote }: Cancelled): string {
  if (!cancelled) return `It had ended by itself on ${host} before: ${state.replace('_', ' ')}.`
  if (remote === undefined) return `It was ended on ${host}.`
  const by = remote.stopped_by === undefined ? '' : ` by ${remote.stopped_by}`
  const why = remote.reason === undefined ? '' : ` (${remote.reason})`
  return `It was ended on ${host}. Its processes there: ${remote.state.replace('_', ' ')}${by}${why}.`
}
