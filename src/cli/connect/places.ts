import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import process from 'node:process'
import type { ClientFile, Platform } from '../../clients/client.ts'

/** This operating system, in the words of the table; another Unix is like Linux here. */
export function platform(): Platform {
  const { platform: name } = process
  return name === 'darwin' || name === 'win32' ? name : 'linux'
}

/** Where a client's file is on this machine, as an absolute path; a project's file is that of the current folder. */
export function pathOf(file: ClientFile, env: NodeJS.ProcessEnv = process.env): string {
  const path = file.path[platform()]
  const folder = file.folderVariable === undefined ? undefined : env[file.folderVariable]
  if (folder !== undefined && folder !== '' && file.scope === 'user') return join(folder, basename(path))
  if (path.startsWith('~/')) return inHome(path, env)
  if (path.startsWith('%APPDATA%/'))
    return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), path.slice(10))
  return resolve(path)
}

function inHome(path: string, env: NodeJS.ProcessEnv): string {
  const config = env.XDG_CONFIG_HOME
  if (path.startsWith('~/.config/') && config !== undefined && config !== '')
    return join(config, path.slice(10))
  return join(env.HOME !== undefined && env.HOME !== '' ? env.HOME : homedir(), path.slice(2))
}

/** As people write it: `~` for their home directory. */
export function shownPath(path: string, env: NodeJS.ProcessEnv = process.env): string {
  const home = env.HOME !== undefined && env.HOME !== '' ? env.HOME : homedir()
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
