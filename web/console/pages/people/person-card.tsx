import { Plain } from '../../parts/plain.tsx'
import { Ago } from '../../parts/time.tsx'
import { who } from '../../who.ts'
import { Locks } from './locks.tsx'
import type { Lock, Person } from './shapes.ts'

const DOORS: Readonly<Record<string, string>> = {
  mcp_http: 'MCP over HTTP',
  mcp_sse: 'MCP over SSE',
  mcp_stdio: 'MCP over stdio',
  rest: 'REST',
  console: 'this console',
  cli: 'command line',
  sign_in: 'sign-in page',
}

const METHODS: Readonly<Record<string, string>> = {
  oauth: 'signed in at',
  api_key: 'an API key',
  stdio: 'on the machine itself',
  none: 'nobody asked who',
}

export function PersonCard({ person, onChange }: { person: Person; onChange: () => void }) {
  const name = person.email ?? person.name ?? person.subject
  return (
    <li class="card">
      <h3>
        <Plain text={name} />
        {isMe(person) && <span class="tag">you</span>}
      </h3>
      <dl>
        <dt>Known as</dt>
        <dd>
          {person.name !== undefined && person.name !== name && (
            <>
              <Plain text={person.name} />,{' '}
            </>
          )}
          <code>
            <Plain text={person.subject} />
          </code>
          , {METHODS[person.method] ?? person.method}{' '}
          {person.method === 'oauth' && <Plain text={person.issuer} />}
        </dd>
        <dt>Last seen</dt>
        <dd>
          <Ago at={person.last_at} />, first <Ago at={person.first_at} />
        </dd>
        <dt>Calls</dt>
        <dd>
          <Counts of={person.day} /> in 24 h · <Counts of={person.week} /> in 7 days
        </dd>
        {person.clients.length > 0 && (
          <>
            <dt>Clients</dt>
            <dd>
              <Ways
                ways={person.clients.map(({ id, name: known, last_at: at }) => ({ name: known, id, at }))}
              />
            </dd>
          </>
        )}
        <dt>Doors</dt>
        <dd>
          <Ways
            ways={person.doors.map(({ door, last_at: at }) => ({ name: DOORS[door] ?? door, id: '', at }))}
          />
        </dd>
      </dl>
      <Locks
        on={targetOf(person)}
        what={name}
        locks={person.locks}
        onChange={onChange}
        warning={isMe(person) ? 'This is you. You cannot lift it yourself afterwards.' : undefined}
      />
    </li>
  )
}

function Counts({ of: { calls, refused } }: { of: Person['day'] }) {
  return (
    <>
      {calls}
      {refused > 0 && <span class="warn"> ({refused} refused)</span>}
    </>
  )
}

function Ways({
  ways,
}: {
  ways: readonly { readonly name: string | undefined; readonly id: string; readonly at: string }[]
}) {
  return (
    <ul class="ways">
      {ways.map(({ name, id, at }) => (
        <li key={`${id} ${name}`}>
          {name !== undefined && <Plain text={name} />}{' '}
          {id !== '' && (
            <code>
              <Plain text={id} />
            </code>
          )}{' '}
          <small>
            <Ago at={at} />
          </small>
        </li>
      ))}
    </ul>
  )
}

function targetOf({ method, issuer, subject }: Person): Lock['on'] {
  return method === 'api_key' ? { kind: 'api_key', name: subject } : { kind: 'person', issuer, subject }
}

function isMe({ issuer, subject }: Person): boolean {
  const now = who.value
  return now.state === 'in' && now.me.issuer === issuer && now.me.subject === subject
}
