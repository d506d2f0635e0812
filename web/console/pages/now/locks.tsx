import { useState } from 'preact/hooks'
import { read, send } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Ago } from '../../parts/time.tsx'
import { type Lock, targetText } from './lock-target.ts'

/** The locks in force, for those who may lift them. */
export function Locks({ onLock, onDone }: { onLock: () => void; onDone: (told: string) => void }) {
  const locks = useLoaded(
    'locks',
    (signal) => read<{ readonly locks: readonly Lock[] }>('/locks', {}, signal),
    ['locks'],
  )
  const [lifting, setLifting] = useState<Lock>()
  return (
    <section aria-labelledby="locks">
      <h2 id="locks">Locks</h2>
      <Show of={locks} what="the locks in force">
        {({ locks: inForce }) =>
          inForce.length === 0 ? (
            <Empty>Nobody and nothing is locked.</Empty>
          ) : (
            <ul class="cards">
              {inForce.map((lock) => (
                <li key={lock.id} class="card row">
                  <div>
                    <strong>
                      <Plain text={targetText(lock.on)} />
                    </strong>{' '}
                    <Plain text={lock.reason} />
                    <small class="block">
                      by <Plain text={lock.by} />, <Ago at={lock.at} />
                      {lock.expires_at === undefined ? (
                        ', until it is lifted'
                      ) : (
                        <>
                          , ends <Ago at={lock.expires_at} />
                        </>
                      )}
                    </small>
                  </div>
                  <button type="button" onClick={() => setLifting(lock)}>
                    Lift…
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
      <button type="button" onClick={onLock}>
        Lock somebody or something…
      </button>
      {lifting !== undefined && (
        <Confirm
          title="Lift this lock?"
          yes="Lift it"
          onClose={() => setLifting(undefined)}
          act={async () => {
            await send('/locks/remove', { id: lifting.id })
            onDone(`Lifted: ${targetText(lifting.on)}.`)
          }}
        >
          <p>
            <strong>
              <Plain text={targetText(lifting.on)} />
            </strong>{' '}
            may work again. What was ended stays ended.
          </p>
        </Confirm>
      )}
    </section>
  )
}
