import { userInfo } from 'node:os'
import type { Principal } from '../domain/principal.ts'

interface OsUser {
  readonly username: string
  readonly uid: number
}

/**
 * Who asks over stdio: the operating-system user that started the bridge, who could run ssh just as well. In a container the user id
 * may have no name; the id is the name then.
 */
export function osPrincipal(readUser: () => OsUser = userInfo): Principal {
  const name = userName(readUser)
  return { issuer: 'os', subject: name, method: 'stdio', name, groups: [], roles: [], scopes: 'all' }
}

function userName(readUser: () => OsUser): string {
  try {
    const { username, uid } = readUser()
    return username === '' ? `uid:${uid}` : username
  } catch {
    // os.userInfo throws when the id is not in the user database; there is no such id on Windows.
    return `uid:${process.getuid?.() ?? 'unknown'}`
  }
}
