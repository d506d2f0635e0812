import { place } from '../place.ts'
import { HostList } from './hosts/host-list.tsx'
import { OneHost } from './hosts/one-host.tsx'

/** The hosts, or the one that the address names. */
export default function HostsPage() {
  const [, name] = place.value
  return name === undefined ? <HostList /> : <OneHost key={name} name={name} />
}
