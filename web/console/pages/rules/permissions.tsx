import { view } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Filter } from '../../parts/filter.tsx'
import { Link } from '../../parts/link.tsx'
import { offsetOf, Pager } from '../../parts/pager.tsx'
import { Plain } from '../../parts/plain.tsx'
import { type Right, RightsLegend, RightsTable } from '../../parts/rights.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { query, setQuery } from '../../place.ts'
import { NoRules } from './rule-list.tsx'
import { valuesOf, WhoFields } from './who-fields.tsx'

interface Permitted {
  readonly as: string
  readonly has_rules: boolean
  readonly roles: readonly string[]
  readonly scopes: 'all' | readonly string[]
  readonly found: number
  readonly hosts: readonly {
    readonly host: string
    readonly missing_scopes: readonly string[]
    readonly rights: readonly Right[]
  }[]
}

const NAMES = ['person', 'role', 'groups', 'scopes']
const SIZE = 50

/** What one person may do, host by host and class by class, with the rule that decides. */
export function Permissions() {
  const given = (name: string) => query.value.get(name) ?? ''
  const isAsked = given('person') !== '' || given('role') !== ''
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setQuery({ ...valuesOf(event.currentTarget, NAMES), offset: undefined })
        }}
      >
        <div class="filters asked">
          <WhoFields />
        </div>
        <button type="submit" class="primary">
          Show
        </button>
      </form>
      {isAsked ? (
        <Answer />
      ) : (
        <Empty>Say who. Then every host stands here, with what they may do on it and by which rule.</Empty>
      )}
    </>
  )
}

function Answer() {
  const names = [...NAMES, 'words', 'tag']
  const asked = Object.fromEntries(names.map((name) => [name, query.value.get(name) ?? '']))
  const offset = offsetOf()
  const permitted = useLoaded(
    `permissions ${JSON.stringify([asked, offset])}`,
    (signal) => view<Permitted>('permissions', { ...asked, offset, limit: SIZE }, signal),
    ['configuration'],
  )
  return (
    <>
      <search class="filters below">
        <Filter name="words" label="Only hosts like" />
      </search>
      <Show of={permitted} what="what they may do">
        {({ as, roles, scopes, found, hosts, has_rules: hasRules }) => (
          <>
            {!hasRules && <NoRules />}
            <p>
              <strong>
                <Plain text={as} />
              </strong>
              : roles <Plain text={roles.join(', ') || 'none'} />; scopes{' '}
              <Plain text={scopes === 'all' ? 'all' : scopes.join(' ') || 'none'} />.
            </p>
            <Pager found={found} size={SIZE} what="hosts" />
            {hosts.length > 0 && (
              <RightsTable
                label="What they may do"
                first="Host"
                hasRules={hasRules}
                rows={hosts.map(({ host, missing_scopes: missing, rights }) => ({
                  key: host,
                  name: (
                    <>
                      <Link to={`/hosts/${encodeURIComponent(host)}`}>{host}</Link>
                      {missing.length > 0 && <small class="bad"> lacks {missing.join(' ')}</small>}
                    </>
                  ),
                  rights,
                }))}
              />
            )}
            <RightsLegend />
          </>
        )}
      </Show>
    </>
  )
}
