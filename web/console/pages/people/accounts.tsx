import { Plain } from '../../parts/plain.tsx'
import { Empty } from '../../parts/states.tsx'
import { Ago } from '../../parts/time.tsx'
import { holds } from '../../who.ts'
import { Locks } from './locks.tsx'
import type { Accounts, ApiKey, Client, Family, OwnLogin, User } from './shapes.ts'

export function AccountLists({ accounts, onChange }: { accounts: Accounts; onChange: () => void }) {
  const { keys, login } = accounts
  return (
    <>
      <h2>API keys</h2>
      {keys.length === 0 ? (
        <Empty>The configuration has no API key: they would be here, without what proves them.</Empty>
      ) : (
        <ul class="cards wide">
          {keys.map((key) => (
            <KeyCard key={key.name} apiKey={key} onChange={onChange} />
          ))}
        </ul>
      )}
      <Command when="Make one" text="ssh-mcp-bridge keys create NAME" />
      {login !== undefined && <LoginLists login={login} onChange={onChange} />}
    </>
  )
}

function KeyCard({
  apiKey: { name, scopes, roles, expires_at: end, last_at: last, locks },
  onChange,
}: {
  apiKey: ApiKey
  onChange: () => void
}) {
  return (
    <li class="card">
      <h3>
        <Plain text={name} />
      </h3>
      <dl>
        <dt>Scopes</dt>
        <dd>{scopes === 'all' ? 'all' : <Words of={scopes} />}</dd>
        <dt>Roles</dt>
        <dd>
          <Words of={roles} />
        </dd>
        <dt>Expires</dt>
        <dd>{end === undefined ? 'never' : <Ago at={end} />}</dd>
        <dt>Last used</dt>
        <dd>{last === undefined ? 'not seen' : <Ago at={last} />}</dd>
      </dl>
      <Locks on={{ kind: 'api_key', name }} what={`the API key ${name}`} locks={locks} onChange={onChange} />
    </li>
  )
}

function LoginLists({ login, onChange }: { login: OwnLogin; onChange: () => void }) {
  const { users, clients, families } = login
  return (
    <>
      <h2>Users of the built-in login</h2>
      {users === undefined ? (
        <p>People sign in at the upstream provider that the configuration names; it knows who they are.</p>
      ) : users.length === 0 ? (
        <Empty>Nobody can sign in yet. Add somebody: ssh-mcp-bridge users add NAME</Empty>
      ) : (
        <ul class="cards wide">
          {users.map((user) => (
            <UserCard key={user.id} user={user} families={families} clients={clients} />
          ))}
        </ul>
      )}
      <h2>Clients that registered themselves</h2>
      {clients.length === 0 ? (
        <Empty>No client has registered itself at the built-in login.</Empty>
      ) : (
        <ul class="cards wide">
          {clients.map((client) => (
            <ClientCard key={client.id} client={client} onChange={onChange} />
          ))}
        </ul>
      )}
    </>
  )
}

function UserCard({
  user,
  families,
  clients,
}: {
  user: User
  families: readonly Family[] | undefined
  clients: readonly Client[]
}) {
  const own = families?.filter(({ subject }) => subject === user.id)
  const nameOf = (id: string) =>
    id === 'ssh-mcp-bridge-console'
      ? 'this console'
      : (clients.find((client) => client.id === id)?.name ?? id)
  return (
    <li class="card">
      <h3>
        <Plain text={user.username} />
        {user.is_disabled && <span class="tag bad">disabled</span>}
        {!user.has_password && <span class="tag warn">no password yet</span>}
      </h3>
      <dl>
        <dt>Name</dt>
        <dd>
          <Plain text={[user.name, user.email].filter(Boolean).join(', ') || '–'} />
        </dd>
        <dt>Groups</dt>
        <dd>
          <Words of={user.groups} />
        </dd>
        <dt>Scopes</dt>
        <dd>
          <Words of={user.scopes} />
        </dd>
        <dt>Second factor</dt>
        <dd>{user.has_code ? 'on' : 'off'}</dd>
        <dt>Last sign-in</dt>
        <dd>{user.signed_in_at === undefined ? 'not seen' : <Ago at={user.signed_in_at} />}</dd>
        <dt>Tokens</dt>
        <dd>
          {own === undefined
            ? 'too many at this bridge to count'
            : own.length === 0
              ? 'none that can be renewed'
              : `${own.length} that can be renewed, of: `}
          <Plain text={[...new Set((own ?? []).map(({ client }) => nameOf(client)))].join(', ')} />
        </dd>
      </dl>
      <Command
        when={user.is_disabled ? 'Let in again' : 'Keep out, which ends all tokens'}
        text={`ssh-mcp-bridge users ${user.is_disabled ? 'enable' : 'disable'} ${user.username}`}
      />
      <Command
        when="End password, code and all tokens; prints a new set-up link"
        text={`ssh-mcp-bridge users reset ${user.username}`}
      />
    </li>
  )
}

function ClientCard({ client, onChange }: { client: Client; onChange: () => void }) {
  return (
    <li class="card">
      <h3>
        <Plain text={client.name ?? client.id} />
      </h3>
      <dl>
        <dt>Client id</dt>
        <dd>
          <code>
            <Plain text={client.id} />
          </code>
        </dd>
        <dt>Goes back to</dt>
        <dd>
          <Plain text={client.redirects.join(' ')} />
        </dd>
        <dt>Registered</dt>
        <dd>
          <Ago at={client.registered_at} />
        </dd>
        <dt>Last token</dt>
        <dd>{client.used_at === undefined ? 'never' : <Ago at={client.used_at} />}</dd>
      </dl>
      <Locks
        on={{ kind: 'client', client: client.id }}
        what={`the client ${client.name ?? client.id}`}
        locks={client.locks}
        onChange={onChange}
      />
      <Command when="Forget it and its tokens" text={`ssh-mcp-bridge login forget ${client.id}`} />
    </li>
  )
}

/** What is done at the command line of the bridge's machine, for those who may. */
function Command({ when, text }: { when: string; text: string }) {
  if (!holds('admin')) return null
  return (
    <p class="type">
      {when}: <code>{text}</code>
    </p>
  )
}

function Words({ of }: { of: readonly string[] }) {
  return of.length === 0 ? <>none</> : <Plain text={of.join(', ')} />
}
