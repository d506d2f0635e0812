import type { Grammar } from '../grammar.ts'

/** What asks systemd. */
export const SYSTEMD: readonly Grammar[] = [
  {
    program: 'systemctl',
    // -H and -M reach other machines, and are left out.
    flags:
      '-a --all -l --full -q --quiet -r --recursive --reverse --after --before --failed ' +
      '--user --system --no-pager --no-legend --plain --value --no-ask-password ' +
      '--show-types --version --help -h',
    options: {
      '-t --type -p --property -P -o --output --state': 'name',
      '-n --lines': 'number',
      '--timestamp': 'text',
    },
    optional: { '--legend': ['yes', 'no', 'true', 'false'] },
    bare: true,
    subcommands: {
      'status show cat is-active is-enabled is-failed list-dependencies': {
        inherit: true,
        operands: [{ is: 'name', count: 'any' }],
      },
      'list-units list-sockets list-timers list-jobs list-unit-files list-machines list-paths list-automounts':
        {
          inherit: true,
          operands: [{ is: 'name', count: 'any' }],
        },
      'get-default is-system-running show-environment': { inherit: true },
    },
  },
]
