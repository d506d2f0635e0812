import type { Grammar } from '../grammar.ts'

/** No host, no port, no address: whoever is connected to is told what the login has, and may be anybody. */
const DATABASE = '/[A-Za-z0-9_-]+/'

/** What tells how databases are. Questions in SQL are on the list only where they can ask for nothing else. */
export const DATABASES: readonly Grammar[] = [
  {
    program: 'psql',
    environment: { PSQLRC: '/dev/null', PSQL_HISTORY: '/dev/null', PSQL_PAGER: 'cat' },
    flags:
      '-l --list -V --version -w --no-password -A -t -x -X -q --no-psqlrc --no-align --tuples-only --expanded',
    options: {
      '-U --username -d --dbname': DATABASE,
      // No functions: anybody may have made one. What begins with a backslash asks the catalogue by its full name.
      '-c --command': '/(?i)\\s*(show [a-z_.]+;?|\\\\(l|du|dn|dt|di|dv|ds|dx|db|conninfo)\\+?)\\s*/',
    },
    needs: ['-l --list -V --version -c --command'],
    operands: [{ is: DATABASE, count: 'optional' }],
  },
  {
    program: 'pg_isready',
    flags: '-q --quiet -V --version',
    options: {
      '-h --host': 'host',
      '-p --port -t --timeout': 'number',
      '-d --dbname -U --username': DATABASE,
    },
  },
  { program: 'pg_lsclusters', flags: '-h -j -s' },
  {
    program: 'mysqladmin mariadb-admin',
    flags: '-s -v --silent --verbose -E --vertical --version -V',
    options: { '-u --user': DATABASE, '-i --sleep -c --count': 'number' },
    operands: [
      {
        is: ['status', 'ping', 'processlist', 'extended-status', 'variables', 'version'],
        count: 'some',
        unless: '-V --version',
      },
    ],
  },
  {
    program: 'mysql mariadb',
    flags: '-V --version -N -B -s -t -E -H -X --batch --table --vertical --skip-column-names',
    options: {
      '-u --user -D --database': DATABASE,
      '-e --execute':
        "/(?i)\\s*show (full |global |session )?(processlist|databases|tables|status|variables|engines|plugins|privileges|grants|warnings|master status|slave status|replica status|binary logs|engine innodb status)( like '[a-z0-9_%]+')?\\s*(;|\\\\g)?\\s*/",
    },
    needs: ['-V --version -e --execute'],
    operands: [{ is: DATABASE, count: 'optional' }],
  },
  {
    program: 'redis-cli',
    position: 'first',
    flags: '--version -v --raw --no-raw --json -3 --csv',
    options: { '-n': 'number' },
    bare: false,
    subcommands: {
      'ping dbsize role lastsave time': {},
      info: { operands: [{ is: 'name', count: 'any' }] },
      client: { subcommands: { 'list info id getname': {} } },
      slowlog: { subcommands: { get: { operands: [{ is: 'number', count: 'optional' }] }, len: {} } },
      memory: { subcommands: { 'stats doctor usage': { operands: [{ is: 'text', count: 'optional' }] } } },
      latency: {
        subcommands: { 'latest doctor history': { operands: [{ is: 'name', count: 'optional' }] } },
      },
      cluster: { subcommands: { 'info nodes shards slots': {} } },
      'ttl pttl type exists strlen llen scard zcard hlen': { operands: [{ is: 'text', count: 'some' }] },
    },
  },
  {
    program: 'etcdctl',
    // Its addresses and keys would come from variables of the host, which are not there: it asks its own machine.
    flags: '--cluster',
    options: { '-w --write-out': ['fields', 'json', 'simple', 'table'] },
    subcommands: {
      endpoint: { inherit: true, subcommands: { 'health status': { inherit: true } } },
      member: { inherit: true, subcommands: { list: { inherit: true } } },
      alarm: { inherit: true, subcommands: { list: { inherit: true } } },
      version: { inherit: true },
    },
  },
  {
    program: 'rabbitmqctl',
    flags: '-q --quiet -s --silent',
    options: { '-p --vhost --formatter': 'name' },
    subcommands: {
      'status cluster_status list_queues list_exchanges list_bindings list_connections list_channels list_consumers list_users list_vhosts list_permissions list_policies':
        { inherit: true, operands: [{ is: 'name', count: 'any' }] },
    },
  },
]
