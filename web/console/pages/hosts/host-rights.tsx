import { view } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Filter } from '../../parts/filter.tsx'
import { Plain } from '../../parts/plain.tsx'
import { type Right, RightsLegend, RightsTable } from '../../parts/rights.tsx'
import { Show } from '../../parts/states.tsx'
import { query } from '../../place.ts'

interface Rights {
  readonly has_rules: boolean
  readonly required_scopes: readonly string[]
  readonly everybody: readonly Right[]
  readonly roles: readonly { readonly role: string; readonly rights: readonly Right[] }[]
  readonly named?: { readonly missing_scopes: readonly string[]; readonly rights: readonly Right[] }
}

/** Who may do what on one host: each role by itself, and somebody who is named. */
export function HostRights({ name }: { name: string }) {
  const person = query.value.get('person') ?? ''
  const rights = useLoaded(
    `rights ${JSON.stringify([name, person])}`,
    (signal) => view<Rights>('host-rights', { name, person }, signal),
    ['configuration'],
  )
  return (
    <>
      <h2>Who may do what here</h2>
      <search class="filters asked">
        <Filter name="person" label="Person" hint="Or an e-mail address, an API key, a subject" />
      </search>
      <Show of={rights} what="who may do what">
        {({ has_rules: hasRules, required_scopes: required, everybody, roles, named }) => (
          <>
            <p>
              Needs a token or key with <code>{required.join(' ')}</code>
              {hasRules
                ? ', and what the rules say. A role is shown by itself: whoever has several is under the rules of all of them, and the first rule decides.'
                : '. No rules are configured: whoever has these scopes may do everything here.'}
            </p>
            <RightsTable
              label="Who may do what on this host"
              first={hasRules ? 'Role' : 'Who'}
              hasRules={hasRules}
              rows={[
                ...(named === undefined
                  ? []
                  : [
                      {
                        key: 'named',
                        name: <Named person={person} missing={named.missing_scopes} />,
                        rights: named.rights,
                      },
                    ]),
                { key: 'everybody', name: hasRules ? 'everybody' : 'with these scopes', rights: everybody },
                ...roles.map(({ role, rights: own }) => ({
                  key: `role ${role}`,
                  name: <Plain text={role} />,
                  rights: own,
                })),
              ]}
            />
            <RightsLegend />
          </>
        )}
      </Show>
    </>
  )
}

function Named({ person, missing }: { person: string; missing: readonly string[] }) {
  return (
    <>
      <Plain text={person} />
      {missing.length > 0 && <small class="bad"> lacks {missing.join(' ')}</small>}
    </>
  )
}
