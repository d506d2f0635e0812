import type { Grammar } from '../grammar.ts'

const USER = '/[A-Za-z_][\\w.-]*\\$?/'

/** What tells of people, their logins, and the time. */
export const USERS: readonly Grammar[] = [
  {
    program: 'id',
    flags: '-a -g -G -n -r -u -z -Z --group --groups --name --real --user --zero',
    operands: [{ is: 'name', count: 'any' }],
  },
  { program: 'whoami' },
  { program: 'groups', operands: [{ is: 'name', count: 'any' }] },
  {
    program: 'who users',
    flags:
      '-a -b -d -H -l -m -p -q -r -s -t -T -u -w --all --boot --count --dead --heading --login --lookup --runlevel',
    operands: [{ is: 'path', count: 'optional' }],
  },
  {
    program: 'last lastb',
    flags: '-a -d -F -i -R -w -x --hostlast --dns --fulltimes --ip --nohostname --fullnames --system',
    options: {
      '-n --limit': 'number',
      '-s --since -t --until -p --present --time-format': 'text',
      '-f --file': 'path',
    },
    words: ['/-[0-9]+/'],
    operands: [{ is: 'name', count: 'any' }],
  },
  { program: 'lastlog', options: { '-u --user -t --time -b --before': 'name' } },
  { program: 'logname' },
  { program: 'finger', flags: '-l -m -p -s', operands: [{ is: USER, count: 'any' }] },
  {
    program: 'chage',
    reads: '/etc/shadow',
    flags: '-l -i --list --iso8601',
    needs: ['-l --list'],
    operands: [{ is: USER }],
  },
  {
    program: 'passwd',
    flags: '-S -a --status --all',
    needs: ['-S --status'],
    operands: [{ is: USER, count: 'optional' }],
  },
  {
    program: 'crontab',
    reads: '/var/spool/cron',
    below: true,
    flags: '-l',
    options: { '-u': USER },
    needs: ['-l'],
  },
  { program: 'atq', flags: '-q', operands: [{ is: 'number', count: 'any' }] },
  {
    program: 'date',
    // A word without a plus sets the clock, as -s does; -f reads dates from a file.
    flags: '-u -R --utc --universal --rfc-email --debug',
    options: { '-d --date': 'text', '-r --reference': 'path' },
    optional: { '-I --iso-8601 --rfc-3339': ['date', 'hours', 'minutes', 'seconds', 'ns'] },
    operands: [{ is: '/\\+[\\s\\S]*/', count: 'optional' }],
  },
  { program: 'cal ncal', flags: '-1 -3 -h -j -m -y -w -M -S -b', operands: [{ is: 'name', count: 'any' }] },
  {
    program: 'chronyc',
    // Not -m, which takes more than one, nor -h.
    flags: '-n -N -4 -6 -c',
    subcommands: {
      'sources sourcestats': { flags: '-v -a' },
      'tracking activity clients serverstats rtcdata': {},
      'ntpdata selectdata': { operands: [{ is: 'host', count: 'optional' }] },
    },
  },
  {
    program: 'ntpq',
    flags: '-p -n -4 -6 -w',
    needs: ['-p'],
    operands: [{ is: ['localhost', '127.0.0.1', '::1'], count: 'optional' }],
  },
  {
    program: 'hwclock',
    flags: '-r --show --get -u --utc -l --localtime --verbose -v',
    needs: ['-r --show --get'],
  },
  {
    program: 'locale',
    flags: '-a -m -v --all-locales --charmaps --verbose',
    needs: ['-a -m --all-locales --charmaps'],
  },
  { program: 'tty', flags: '-s' },
]
