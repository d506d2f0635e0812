import { useEffect } from 'preact/hooks'
import { view } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Code, Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'

interface Rule {
  readonly name: string
  readonly effect: 'allow' | 'approve' | 'deny'
  readonly only_observes: boolean
  readonly says: string
  readonly more: readonly string[]
  readonly commands?: readonly string[]
  readonly paths?: readonly string[]
  readonly place?: string
}

interface Rules {
  readonly has_rules: true
  readonly version: string
  readonly rules: readonly Rule[]
  readonly roles: readonly {
    readonly name: string
    readonly held_by: readonly string[]
    readonly approves: readonly string[]
  }[]
  readonly people: readonly {
    readonly name: string
    readonly emails: readonly string[]
    readonly principals: readonly { readonly issuer: string; readonly subject: string }[]
  }[]
}

const TONES = { allow: 'good', approve: 'warn', deny: 'bad' } as const

/** The rules in words, in the order in which they are asked, then roles and people. */
export function RuleList() {
  const rules = useLoaded('rules', (signal) => view<Rules | { has_rules: false }>('rules', {}, signal), [
    'configuration',
  ])
  return (
    <Show of={rules} what="the rules">
      {(shown) => (shown.has_rules ? <Written of={shown} /> : <NoRules />)}
    </Show>
  )
}

/** What holds where none are configured. */
export function NoRules() {
  return (
    <div class="card">
      <p>
        <strong>No rules are configured.</strong> Whoever may call, with a token or key that has{' '}
        <code>mcp:execute</code>, may run anything on every host whose required scopes they hold. Nobody is
        asked.
      </p>
      <p>
        Rules stand below <code>rules:</code> in the configuration; from then on, what no rule allows is
        denied.
        <code>ssh-mcp-bridge policy suggest</code> writes some from what was done until now.
      </p>
    </div>
  )
}

function Written({ of: { rules, roles, people, version } }: { of: Rules }) {
  useEffect(() => {
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
  }, [])
  return (
    <>
      <p>
        The first rule that is about something decides. What none is about is denied. Each program that a
        command would start is decided by itself. <small>Version {version}</small>
      </p>
      <ol class="cards rules">
        {rules.map((rule, index) => (
          <li key={rule.name} id={`rule-${rule.name}`} class="card">
            <strong>
              {index + 1}. <Plain text={rule.name} />
            </strong>{' '}
            <span class={`tag ${rule.only_observes ? 'soft' : TONES[rule.effect]}`}>
              {rule.only_observes ? 'observes' : rule.effect}
            </span>
            {rule.place !== undefined && (
              <>
                {' '}
                <small>
                  <Plain text={rule.place} />
                </small>
              </>
            )}
            <p>
              <Plain text={rule.says} />
            </p>
            {rule.more.map((more) => (
              <p key={more}>
                <Plain text={more} />
              </p>
            ))}
            <Patterns of={rule.commands} rule={rule.name} what="Commands" />
            <Patterns of={rule.paths} rule={rule.name} what="Paths" />
          </li>
        ))}
      </ol>
      <h2>Roles</h2>
      {roles.length === 0 ? (
        <Empty>No roles are configured: the rules are for everybody.</Empty>
      ) : (
        <ul class="cards">
          {roles.map((role) => (
            <li key={role.name} class="card">
              <strong>
                <Plain text={role.name} />
              </strong>
              <p>
                Held by whoever has <Plain text={role.held_by.join('; or ')} />.
              </p>
              {role.approves.length > 0 && (
                <p>
                  Approves what asks by <Plain text={role.approves.join(', ')} />.
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <h2>People</h2>
      {people.length === 0 ? (
        <Empty>No people are configured: each account counts as a person of its own.</Empty>
      ) : (
        <ul class="cards">
          {people.map((person) => (
            <li key={person.name} class="card">
              <strong>
                <Plain text={person.name} />
              </strong>
              <p>
                <Plain
                  text={[
                    ...person.emails,
                    ...person.principals.map(({ issuer, subject }) => `${subject} of ${issuer}`),
                  ].join(', ')}
                />
              </p>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Patterns({ of, rule, what }: { of: readonly string[] | undefined; rule: string; what: string }) {
  if (of === undefined) return null
  return (
    <details>
      <summary>
        {what} ({of.length})
      </summary>
      <Code text={of.join('\n')} label={`${what} of ${rule}`} />
    </details>
  )
}
