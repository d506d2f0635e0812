import { Plain } from '../../parts/plain.tsx'
import { Ago } from '../../parts/time.tsx'

interface Failure {
  readonly at: string
  readonly code: string
  readonly message: string
}

export interface HostContact {
  readonly open: {
    readonly busy: number
    readonly idle: number
    readonly connecting: number
    readonly channels: number
    readonly waiting: number
  }
  readonly connected_at?: string
  readonly failed?: Failure
  readonly key_refused?: Failure
}

/** How the bridge stands with a host, as far as it knows without asking it. `short`: for a list. */
export function Contact({ contact, short = false }: { contact: HostContact; short?: boolean }) {
  const { open, connected_at: connectedAt, failed } = contact
  const connections = open.busy + open.idle
  const state =
    failed !== undefined
      ? (['bad', 'The last attempt failed'] as const)
      : connections > 0
        ? (['good', 'Connected'] as const)
        : open.connecting > 0
          ? (['warn', 'Connecting'] as const)
          : (['soft', connectedAt === undefined ? 'Not reached since the start' : 'Not connected'] as const)
  return (
    <div class="contact">
      <p>
        <strong class={state[0]}>{state[1]}</strong>
        {failed !== undefined ? (
          <>
            {' '}
            <Ago at={failed.at} />
          </>
        ) : (
          connectedAt !== undefined && (
            <>
              , last reached <Ago at={connectedAt} />
            </>
          )
        )}
      </p>
      {failed !== undefined && !short && (
        <p>
          <code>{failed.code}</code> <Plain text={failed.message} />
        </p>
      )}
      {!short && (
        <dl>
          <dt>Connections</dt>
          <dd>
            {connections} open, {open.busy} of them busy
            {open.connecting > 0 && `, ${open.connecting} being made`}
          </dd>
          <dt>Channels in use</dt>
          <dd>{open.channels}</dd>
          <dt>Calls that wait</dt>
          <dd>{open.waiting}</dd>
          <dt>Last reached</dt>
          <dd>{connectedAt === undefined ? 'not since this instance started' : <Ago at={connectedAt} />}</dd>
        </dl>
      )}
    </div>
  )
}
