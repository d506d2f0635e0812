import type { Guard } from './guard.ts'

const apart = { test: 'test/journeys/apart.test.ts', needsBuild: true } as const

export const APART_GUARDS: readonly Guard[] = [
  {
    name: 'own-commands',
    file: 'src/pipeline/commands/command-book.ts',
    from: 'return command?.owner === owner ? command : undefined',
    to: 'return command',
    ...apart,
    title: 'get_command_output command_id: a command that is over is answered like none',
  },
  {
    name: 'own-keys',
    file: 'src/pipeline/commands/idempotency.ts',
    from: 'return action.idempotencyKey && `${principalKey(principal)}\\n${action.idempotencyKey}`',
    to: 'return action.idempotencyKey',
    ...apart,
    title: 'execute_command idempotency_key: an idempotency key is answered like none',
  },
  {
    name: 'own-sessions',
    file: 'src/store/session-rows.ts',
    from: "const OWN = 'owner = $1 AND host = $2'",
    to: "const OWN = '$1 = $1 AND host = $2'",
    ...apart,
    title: 'get_working_directory session: a session is answered like none',
  },
  {
    name: 'own-terminals',
    file: 'src/ssh/terminal/terminal-book.ts',
    from: 'return terminal?.owner === owner && terminal.host === host ?',
    to: 'return terminal?.host === host ?',
    ...apart,
    title: 'use_terminal session: a terminal is answered like none',
  },
  {
    name: 'own-legacy-sessions',
    file: 'src/mcp/session-table.ts',
    from: 'if (session?.door !== door || ownerOf(session.principal) !== ownerOf(principal))',
    to: 'if (session?.door !== door)',
    ...apart,
    title: 'a connection of the legacy era is answered like none, by any method and at both doors',
  },
]
