import type { Grammar } from '../grammar.ts'

const UNITS = [{ is: 'name', count: 'any' }] as const

/** What asks systemd, its services and its logs. */
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
      'status show cat is-active is-enabled is-failed list-dependencies': { inherit: true, operands: UNITS },
      'list-units list-sockets list-timers list-jobs list-unit-files list-machines list-paths list-automounts':
        {
          inherit: true,
          operands: UNITS,
        },
      'get-default is-system-running show-environment': { inherit: true },
    },
  },
  {
    program: 'journalctl',
    reads: '/var/log/journal',
    below: true,
    // Not what tidies the journal (--vacuum-…, --rotate, --flush), nor --cursor-file, which is written, nor journals of other places.
    flags:
      '-a -e -f -k -l -N -q -r -x --all --pager-end --follow --dmesg --full --no-full --fields --quiet --reverse ' +
      '--catalog --no-pager --no-tail --no-hostname --utc --show-cursor --disk-usage --list-boots --header --system --user --truncate-newline',
    options: {
      '-u --unit --user-unit -t --identifier -T -p --priority --facility -o --output --output-fields': 'name',
      '-n --lines': '/\\+?[0-9]+|all/',
      '-S --since -U --until': 'text',
      '-g --grep -c --cursor --after-cursor': 'text',
      '-F --field': 'name',
      '--case-sensitive': ['yes', 'no', 'true', 'false'],
    },
    optional: { '-b --boot': '/[0-9a-f]*[-+]?[0-9]*|all/' },
    // Behind -b, which takes it as its value.
    words: ['/-[0-9]+/'],
    operands: [{ is: '/[A-Z_][A-Z0-9_]*=[\\s\\S]*|\\+/', count: 'any' }],
  },
  {
    program: 'dmesg',
    // Not -c and -C, which clear, nor what sets the console: -D, -E, -n.
    flags:
      '-d -e -H -J -k -P -r -S -t -T -u -w -W -x --show-delta --reltime --human --json --kernel --nopager ' +
      '--raw --syslog --notime --ctime --userspace --follow --follow-new --decode',
    options: { '-f --facility -l --level': 'text', '--since --until': 'text', '--time-format': 'name' },
    optional: { '--color -L': ['auto', 'always', 'never'] },
  },
  {
    program: 'loginctl',
    flags: '-a -l --all --full --no-pager --no-legend --value',
    options: { '-p --property -n --lines -o --output': 'name' },
    bare: true,
    subcommands: {
      'list-sessions list-users list-seats session-status show-session user-status show-user seat-status show-seat':
        {
          inherit: true,
          operands: UNITS,
        },
    },
  },
  {
    program: 'timedatectl',
    flags: '-a --all --no-pager --value',
    options: { '-p --property': 'name' },
    bare: true,
    subcommands: { 'status show timesync-status show-timesync list-timezones': { inherit: true } },
  },
  {
    program: 'localectl',
    flags: '--no-pager',
    bare: true,
    subcommands: { 'status list-locales list-keymaps': { inherit: true } },
  },
  {
    program: 'hostnamectl',
    flags: '--static --transient --pretty --no-pager',
    bare: true,
    // Without a value behind them, these print.
    subcommands: { 'status hostname icon-name chassis deployment location': { inherit: true } },
  },
  {
    program: 'systemd-analyze',
    flags: '--no-pager --system --user',
    bare: true,
    subcommands: {
      'time blame': { inherit: true },
      'critical-chain security': { inherit: true, operands: UNITS },
      'calendar timespan timestamp': { inherit: true, operands: [{ is: 'text', count: 'some' }] },
    },
  },
  {
    program: 'coredumpctl',
    // `dump` and `debug` write, and start a debugger.
    flags: '-1 -r -q --no-pager --no-legend --reverse --quiet',
    options: { '-n -S --since -U --until': 'text', '-F --field': 'name' },
    bare: true,
    subcommands: { 'list info': { inherit: true, operands: [{ is: 'name', count: 'any' }] } },
  },
  {
    program: 'service',
    flags: '--status-all',
    // Its script, or systemd, is asked. A name, never a path: that would be a program.
    operands: [
      { is: '/[A-Za-z0-9][A-Za-z0-9_@-]*/', unless: '--status-all' },
      { is: ['status'], unless: '--status-all' },
    ],
  },
]
