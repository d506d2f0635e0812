import { useState } from 'preact/hooks'
import { read, send } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Code, Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Ago } from '../../parts/time.tsx'

interface Grant {
  readonly grant_id: string
  readonly requester: string
  readonly host?: string
  readonly action: string
  readonly text: string
  readonly rule: string
  readonly by: string
  readonly created_at: string
  readonly expires_at: string
}

/** Approvals that hold for a while, and taking them back. */
export function Grants({ onDone }: { onDone: (told: string) => void }) {
  const grants = useLoaded(
    'grants',
    (signal) => read<{ readonly grants: readonly Grant[] }>('/grants', {}, signal),
    ['approvals'],
  )
  const [revoking, setRevoking] = useState<Grant>()
  return (
    <section aria-labelledby="grants">
      <h2 id="grants">Approved for a while</h2>
      <Show of={grants} what="what is approved for a while">
        {({ grants: inForce }) =>
          inForce.length === 0 ? (
            <Empty>Nothing is. Whoever approves may let the same be done again without a question.</Empty>
          ) : (
            <ul class="cards">
              {inForce.map((grant) => (
                <li key={grant.grant_id} class="card">
                  <p>
                    <strong>
                      <Plain text={grant.requester} />
                    </strong>{' '}
                    may {grant.action.replaceAll('_', ' ')}
                    {grant.host !== undefined && (
                      <>
                        {' '}
                        on <code>{grant.host}</code>
                      </>
                    )}
                    <small class="block">
                      by <Plain text={grant.by} /> <Ago at={grant.created_at} />, rule{' '}
                      <code>{grant.rule}</code>, ends <Ago at={grant.expires_at} />
                    </small>
                  </p>
                  <Code text={grant.text} label="What is approved" />
                  <div class="buttons">
                    <button type="button" onClick={() => setRevoking(grant)}>
                      Revoke…
                    </button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
      {revoking !== undefined && (
        <Confirm
          title="Revoke this?"
          yes="Revoke"
          danger
          onClose={() => setRevoking(undefined)}
          act={async () => {
            await send('/grants/revoke', { grant_id: revoking.grant_id })
            grants.again()
            onDone('Revoked: the same has to be approved again from now on.')
          }}
        >
          <Code text={revoking.text} label="What is approved" />
          <p>The next time that it is asked, somebody has to approve it.</p>
        </Confirm>
      )}
    </section>
  )
}
