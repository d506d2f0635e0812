import { view } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Filter } from '../../parts/filter.tsx'
import { Link } from '../../parts/link.tsx'
import { offsetOf, Pager } from '../../parts/pager.tsx'
import { Plain } from '../../parts/plain.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { query } from '../../place.ts'
import { Contact, type HostContact } from './contact.tsx'

interface Hosts {
  readonly total: number
  readonly found: number
  readonly tags: readonly string[]
  readonly hosts: readonly {
    readonly name: string
    readonly description: string
    readonly tags: readonly string[]
    readonly execution_mode: string
    readonly is_hop: boolean
    readonly contact: HostContact
  }[]
}

const SIZE = 50

export function HostList() {
  const words = query.value.get('words') ?? ''
  const tag = query.value.get('tag') ?? ''
  const offset = offsetOf()
  const hosts = useLoaded(
    `hosts ${JSON.stringify([words, tag, offset])}`,
    (signal) => view<Hosts>('hosts', { words, tag, offset, limit: SIZE }, signal),
    ['configuration', 'sessions', 'calls'],
  )
  return (
    <>
      <h1>Hosts</h1>
      <p class="soft">
        Every host of the configuration, also those that the rules hide from you. How they are reached is not
        shown.
      </p>
      <search class="filters asked">
        <Filter name="words" label="Words" hint="In the name, description or a tag" />
        <Filter name="tag" label="Tag" list={hosts.value?.tags ?? (tag === '' ? [] : [tag])} />
      </search>
      <Show of={hosts} what="the hosts">
        {({ total, found, hosts: shown }) => (
          <>
            <Pager found={found} size={SIZE} what="hosts" />
            {shown.length === 0 && (
              <Empty>
                {total === 0
                  ? 'No hosts are configured. They stand below hosts: in the configuration, or come from ssh_config.'
                  : 'No host is like that. Take something out of the filter.'}
              </Empty>
            )}
            <ul class="cards hosts">
              {shown.map((host) => (
                <li key={host.name} class="card">
                  <strong>
                    <Link to={`/hosts/${encodeURIComponent(host.name)}`}>{host.name}</Link>
                  </strong>{' '}
                  <span class="soft">{host.is_hop ? 'only a way to others' : host.execution_mode}</span>
                  <p>
                    <Plain text={host.description} />
                  </p>
                  <p class="tags">
                    {host.tags.map((one) => (
                      <span key={one} class="tag">
                        <Plain text={one} />
                      </span>
                    ))}
                  </p>
                  <Contact contact={host.contact} short />
                </li>
              ))}
            </ul>
          </>
        )}
      </Show>
    </>
  )
}
