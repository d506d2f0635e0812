import type { ComponentChildren } from 'preact'
import { Plain } from '../../parts/plain.tsx'
import { Empty } from '../../parts/states.tsx'
import { Ago } from '../../parts/time.tsx'
import { holds } from '../../who.ts'
import type { About, Instance, Now } from './now-view.ts'

/** Shell state that is kept, and live terminals. */
export function OpenSessions({
  now: { sessions, terminals, instances },
  onLock,
}: {
  now: Pick<Now, 'sessions' | 'terminals' | 'instances'>
  onLock: (about: About) => void
}) {
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Sessions and terminals</h2>
      {sessions.length + terminals.length === 0 && (
        <Empty>No session is open. One is kept for each person on each host in shell mode.</Empty>
      )}
      <ul class="cards">
        {terminals.map(({ id, host, who, client, created_at, last_used_at }) => (
          <Row key={id} about={{ who, host, ...(client !== undefined && { client }) }} onLock={onLock}>
            <strong>
              <Plain text={who.name} />
            </strong>{' '}
            terminal on <code>{host}</code>
            <small class="block">
              opened <Ago at={created_at} />, used <Ago at={last_used_at} />
            </small>
          </Row>
        ))}
        {sessions.map(({ host, who, name, created_at, last_used_at, is_held }) => (
          <Row
            key={`${who.issuer} ${who.subject} ${host} ${created_at}`}
            about={{ who, host }}
            onLock={onLock}
          >
            <strong>
              <Plain text={who.name} />
            </strong>{' '}
            session {name !== undefined && <Plain text={name} />} on <code>{host}</code>{' '}
            {is_held && <span class="tag">in use</span>}
            <small class="block">
              begun <Ago at={created_at} />, used <Ago at={last_used_at} />
            </small>
          </Row>
        ))}
      </ul>
      {instances.length > 1 && (
        <p class="soft">Sessions of all instances; terminals of the one that answers here only.</p>
      )}
    </section>
  )
}

function Row({
  about,
  onLock,
  children,
}: {
  about: About
  onLock: (about: About) => void
  children: ComponentChildren
}) {
  return (
    <li class="card row">
      <div>{children}</div>
      {holds('admin') && (
        <button type="button" onClick={() => onLock(about)}>
          Lock…
        </button>
      )}
    </li>
  )
}

/** The processes of the bridge that share its database. */
export function Instances({ instances }: { instances: readonly Instance[] }) {
  return (
    <section aria-labelledby="instances">
      <h2 id="instances">Instances</h2>
      <ul class="cards">
        {instances.map((instance) => (
          <li key={instance.id} class="card">
            <code>{instance.machine}</code> process {instance.process}, version {instance.version}{' '}
            {instance.is_this && <span class="tag">answers here</span>}{' '}
            {!instance.decides_alike && <span class="tag warn">decides by other rules</span>}
            <small class="block">
              {instance.id} · started <Ago at={instance.started_at} />, heard of <Ago at={instance.seen_at} />
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}
