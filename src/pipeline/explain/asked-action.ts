import type { Action } from '../../domain/call.ts'
import type { HostName } from '../../domain/host.ts'
import { USUAL_TERMINAL } from '../../domain/terminal.ts'

/** What is asked of a host, as people who look into rules say it. */
export interface Asked {
  readonly host: HostName
  readonly command: string
  readonly path: string | undefined
  readonly sudo: boolean
}

/** A transfer is asked by its end on the host; the other is a link. */
const ACTIONS = {
  run: ({ host, command, sudo }) => ({ kind: 'run', host, command, sudo, timeoutMs: 0, waitMs: 0 }),
  read_file: (asked) => ({ kind: 'read_file', ...place(asked), encoding: 'auto' }),
  list_directory: (asked) => {
    const page = { sort: 'name', descending: false, depth: 1, offset: 0, limit: 1 } as const
    return { kind: 'list_directory', ...place(asked), ...page }
  },
  write_file: (asked) => {
    const how = { createOnly: false, createDirectories: false, dryRun: false }
    return { kind: 'write_file', ...place(asked), content: Buffer.alloc(0), ...how }
  },
  edit_file: (asked) => {
    const change = { by: 'replacements', edits: [] } as const
    return { kind: 'edit_file', ...place(asked), change, dryRun: false }
  },
  download: (asked) => transfer({ from: { kind: 'host', ...place(asked) }, to: { kind: 'link' } }),
  upload: (asked) => transfer({ from: { kind: 'link' }, to: { kind: 'host', ...place(asked) } }),
  describe_host: ({ host }) => ({ kind: 'describe_host', host, refresh: false }),
  open_session: ({ host }) => ({ kind: 'open_session', host }),
  open_terminal: ({ host }) => ({ kind: 'open_session', host, terminal: USUAL_TERMINAL }),
} as const satisfies Readonly<Record<string, (asked: Asked) => Action>>

export const ASKED_ACTIONS: readonly string[] = Object.keys(ACTIONS)

/** @throws TypeError for a kind that there is not, or when the command or the path that it needs is missing. */
export function askedAction(kind: string, asked: Asked): Action {
  if (!isKind(kind))
    throw new TypeError(`the action is none of ${ASKED_ACTIONS.join(', ')}: ${JSON.stringify(kind)}`)
  if (kind === 'run' && asked.command === '')
    throw new TypeError('there is no command: write what would be run, on a command line behind --')
  if (kind !== 'run' && asked.command !== '') throw new TypeError(`the action ${kind} takes no command`)
  return ACTIONS[kind](asked)
}

function isKind(text: string): text is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, text)
}

function place({ host, path, sudo }: Asked) {
  if (path === undefined)
    throw new TypeError('the path is missing: write that of the file on the host (--path)')
  return { host, path, sudo }
}

function transfer(ends: Pick<Extract<Action, { kind: 'transfer_file' }>, 'from' | 'to'>): Action {
  return { kind: 'transfer_file', ...ends, recursive: false, overwrite: false, resume: false, timeoutMs: 0 }
}
