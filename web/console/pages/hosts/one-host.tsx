import { useState } from 'preact/hooks'
import { send, view } from '../../bridge-client.ts'
import { messageOf, useLoaded } from '../../loaded.ts'
import { Link } from '../../parts/link.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Ago, Instant } from '../../parts/time.tsx'
import { holds } from '../../who.ts'
import { Contact, type HostContact } from './contact.tsx'
import { Facts, type HostFacts } from './facts.tsx'
import { HostRights } from './host-rights.tsx'

interface Host {
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly execution_mode: string
  readonly required_scopes: readonly string[]
  readonly sudo: boolean
  readonly terminal: boolean
  readonly is_hop: boolean
  readonly jump?: string
  readonly contact: HostContact
  readonly keys: readonly { readonly type?: string; readonly fingerprint: string; readonly is: string }[]
  readonly are_pinned: boolean
  readonly facts?: HostFacts
  readonly sessions: readonly {
    readonly person: string
    readonly name?: string
    readonly last_used_at: string
    readonly is_held: boolean
  }[]
  readonly locks: readonly {
    readonly id: string
    readonly on: { readonly kind: string }
    readonly reason: string
    readonly by: string
    readonly at: string
    readonly expires_at?: string
  }[]
}

export function OneHost({ name }: { name: string }) {
  const host = useLoaded(`host ${name}`, (signal) => view<Host>('host', { name }, signal), [
    'configuration',
    'sessions',
    'locks',
    'calls',
  ])
  return (
    <>
      <p>
        <Link to="/hosts">All hosts</Link>
      </p>
      <h1>
        <Plain text={name} />
      </h1>
      <Show of={host} what="the host">
        {(shown) => (
          <>
            <Configured host={shown} />
            <h2>Reachability</h2>
            <Contact contact={shown.contact} />
            {holds('admin') && !shown.is_hop && <Test name={shown.name} onDone={host.again} />}
            <Keys host={shown} />
            <h2>Sessions</h2>
            <Sessions sessions={shown.sessions} />
            <h2>Locks</h2>
            <Locks locks={shown.locks} />
            <h2>Facts</h2>
            {shown.facts === undefined ? (
              <Empty>
                Nobody has asked what the host is since this instance started, or its last answer is gone.
              </Empty>
            ) : (
              <Facts facts={shown.facts} />
            )}
            {!shown.is_hop && <HostRights name={shown.name} />}
          </>
        )}
      </Show>
    </>
  )
}

function Configured({ host }: { host: Host }) {
  return (
    <>
      <p>
        <Plain text={host.description} />
      </p>
      <p class="tags">
        {host.tags.map((tag) => (
          <Link key={tag} className="tag" to={`/hosts?tag=${encodeURIComponent(tag)}`}>
            <Plain text={tag} />
          </Link>
        ))}
      </p>
      <dl>
        <dt>Mode</dt>
        <dd>
          {host.execution_mode === 'shell'
            ? 'shell: directory and variables go from call to call'
            : 'exec: each command alone'}
        </dd>
        <dt>Required scopes</dt>
        <dd>{host.required_scopes.join(' ') || 'none beside mcp:execute'}</dd>
        <dt>As root</dt>
        <dd>{host.sudo ? 'may be asked for' : 'not configured'}</dd>
        <dt>Live terminals</dt>
        <dd>{host.terminal ? 'may be opened' : 'not here'}</dd>
        {host.jump !== undefined && (
          <>
            <dt>Reached through</dt>
            <dd>
              <Link to={`/hosts/${encodeURIComponent(host.jump)}`}>{host.jump}</Link>
            </dd>
          </>
        )}
        {host.is_hop && (
          <>
            <dt>For callers</dt>
            <dd>it does not exist: it is only a way to others</dd>
          </>
        )}
      </dl>
    </>
  )
}

/** The operator's own call: it goes the way of every call, and is on record. */
function Test({ name, onDone }: { name: string; onDone: () => void }) {
  const [isBusy, setBusy] = useState(false)
  const [result, setResult] = useState<{ good: boolean; says: string }>()
  const test = async () => {
    setBusy(true)
    setResult(undefined)
    try {
      await send('/hosts/describe', { host: name, refresh: true })
      setResult({ good: true, says: `${name} was reached, signed in to, and described itself.` })
    } catch (error) {
      setResult({ good: false, says: messageOf(error) })
    }
    setBusy(false)
    onDone()
  }
  return (
    <div class="test">
      <p>
        <button type="button" disabled={isBusy} onClick={() => void test()}>
          {isBusy ? 'Testing…' : 'Test'}
        </button>{' '}
        <span class="soft">
          Connects and asks for the facts, as your own call: it is on record, and the rules decide it like any
          other.
        </span>
      </p>
      <div role="status">
        {result?.good && <p class="good">{result.says}</p>}
        {result !== undefined && !result.good && (
          <div class="problem">
            <p>
              <Plain text={result.says} />
            </p>
            <p>
              When the rules or your scopes deny it to you, the host may still be well: it needs{' '}
              <code>mcp:execute</code> and a rule that lets you read there.{' '}
              <code>ssh-mcp-bridge hosts test {name}</code> asks without the rules.
            </p>
          </div>
        )}
      </div>
    </div>
  )
}

function Keys({ host: { keys, are_pinned: arePinned, contact, name } }: { host: Host }) {
  return (
    <>
      <h2>Host keys</h2>
      {contact.key_refused !== undefined && (
        <div class="problem" role="alert">
          <p>
            A key was refused <Ago at={contact.key_refused.at} />:{' '}
            <Plain text={contact.key_refused.message} />
          </p>
        </div>
      )}
      {keys.length === 0 ? (
        <Empty>
          No key is trusted, so nothing is sent to it. Compare its fingerprint, then run: ssh-mcp-bridge hosts
          trust {name}
        </Empty>
      ) : (
        <>
          <p class="soft">{arePinned ? 'Pinned in the configuration.' : 'From known_hosts.'}</p>
          <ul class="keys">
            {keys.map((key) => (
              <li key={`${key.is} ${key.fingerprint}`}>
                {key.is !== 'trusted' && <strong class="bad">{key.is} </strong>}
                {key.type !== undefined && `${key.type} `}
                <code>{key.fingerprint}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function Sessions({ sessions }: { sessions: Host['sessions'] }) {
  if (sessions.length === 0) return <Empty>Nobody has a session on it.</Empty>
  return (
    <ul class="cards">
      {sessions.map((session) => (
        <li key={`${session.person} ${session.name ?? ''}`} class="card">
          <Plain text={session.person} />
          {session.name !== undefined && (
            <>
              {' · '}
              <Plain text={session.name} />
            </>
          )}
          {session.is_held && <strong> in use</strong>}, last used <Ago at={session.last_used_at} />
        </li>
      ))}
    </ul>
  )
}

function Locks({ locks }: { locks: Host['locks'] }) {
  if (locks.length === 0) return <Empty>It is not locked.</Empty>
  return (
    <ul class="cards">
      {locks.map((lock) => (
        <li key={lock.id} class="card">
          <strong class="bad">{lock.on.kind === 'all' ? 'Everything is locked' : 'Locked'}</strong> by{' '}
          <Plain text={lock.by} /> <Ago at={lock.at} />
          {lock.expires_at !== undefined && (
            <>
              , until <Instant at={lock.expires_at} />
            </>
          )}
          <p>
            <Plain text={lock.reason} />
          </p>
        </li>
      ))}
    </ul>
  )
}
