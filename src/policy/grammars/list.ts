import type { Grammar } from '../grammar.ts'
import { ARCHIVES } from './archives.ts'
import { CONTAINERS } from './containers.ts'
import { DATABASES } from './databases.ts'
import { DISKS } from './disks.ts'
import { FILES } from './files.ts'
import { GIT } from './git.ts'
import { HARDWARE } from './hardware.ts'
import { KUBERNETES } from './kubernetes.ts'
import { NETWORK } from './network.ts'
import { PACKAGE_MANAGERS } from './packages.ts'
import { PROCESSES } from './processes.ts'
import { SCRIPTS } from './scripts.ts'
import { SECURITY } from './security.ts'
import { SYSTEMD } from './systemd.ts'
import { TEXT } from './text.ts'
import { TEXT_DATA } from './text-data.ts'
import { USERS } from './users.ts'
import { WEB } from './web.ts'
import { WRAPPERS } from './wrappers.ts'

/** A family is one file and one line here, in the order of the documentation. */
export const FAMILIES: Readonly<Record<string, readonly Grammar[]>> = {
  Files: FILES,
  'Archives and compressed files': ARCHIVES,
  'Text, and searching it': TEXT,
  'Bytes, data and saying something': TEXT_DATA,
  'Small languages': SCRIPTS,
  Processes: PROCESSES,
  'Disks and file systems': DISKS,
  Network: NETWORK,
  'systemd and its logs': SYSTEMD,
  Containers: CONTAINERS,
  Kubernetes: KUBERNETES,
  git: GIT,
  'Packages and versions': PACKAGE_MANAGERS,
  Databases: DATABASES,
  'Web servers, mail and certificates': WEB,
  Hardware: HARDWARE,
  'People and time': USERS,
  'Firewalls and access control': SECURITY,
  'Programs that start another': WRAPPERS,
}

/** Every program that the bridge knows by itself. What operators write under `programs:` replaces what is here by the program's name. */
export const BUILT_IN: readonly Grammar[] = Object.values(FAMILIES).flat()
