import { useEffect, useState } from 'preact/hooks'
import { view } from '../bridge-client.ts'
import { useLoaded } from '../loaded.ts'
import { Empty, Show } from '../parts/states.tsx'
import { query, setQuery } from '../place.ts'
import { AccountLists } from './people/accounts.tsx'
import { LockLine } from './people/locks.tsx'
import { PersonCard } from './people/person-card.tsx'
import type { Accounts, People } from './people/shapes.ts'

/** Typing stops for so long before it is searched. */
const PAUSE_MS = 250

export default function PeoplePage() {
  const q = query.value.get('q') ?? ''
  const people = useLoaded(`people ${q}`, (signal) => view<People>('people', { q }, signal), ['locks'])
  const accounts = useLoaded('accounts', (signal) => view<Accounts>('accounts', {}, signal), ['locks'])
  const again = () => {
    people.again()
    accounts.again()
  }
  return (
    <>
      <h1>People and clients</h1>
      <Search q={q} />
      <Show of={people} what="who has used the bridge">
        {({ people: found, total, everybody }) => (
          <>
            {everybody.map((lock) => (
              <section key={lock.id} aria-label="A lock on everybody">
                <p class="bad">Everybody is locked:</p>
                <LockLine lock={lock} onChange={again} />
              </section>
            ))}
            <p role="status">{told(found.length, total, q)}</p>
            {found.length === 0 && q === '' ? (
              <Empty>
                Nobody has used the bridge since it began to remember who does. Whoever calls it is here
                within a few seconds.
              </Empty>
            ) : (
              <ul class="cards wide">
                {found.map((person) => (
                  <PersonCard
                    key={JSON.stringify([person.issuer, person.subject])}
                    person={person}
                    onChange={again}
                  />
                ))}
              </ul>
            )}
          </>
        )}
      </Show>
      <Show of={accounts} what="keys, users and clients">
        {(known) => <AccountLists accounts={known} onChange={again} />}
      </Show>
    </>
  )
}

function told(shown: number, total: number, q: string): string {
  const people = total === 1 ? '1 person' : `${total} people`
  const found = q === '' ? `${people} seen` : `${people} with “${q}”`
  return shown < total ? `${found}; the ${shown} who came last are shown. Search for others.` : `${found}.`
}

function Search({ q }: { q: string }) {
  const [text, setText] = useState(q)
  useEffect(() => {
    const timer = setTimeout(() => setQuery({ q: text }), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <search>
      <label>
        Search by name, e-mail, issuer, subject or client
        <input
          type="search"
          maxLength={200}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
    </search>
  )
}
