import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { DATABASES } from './databases.ts'

testGrammars(DATABASES, {
  psql: {
    reads: [
      'psql -l',
      'psql --version',
      "psql -c 'show max_connections'",
      "psql -U postgres -d app -Atc '\\l'",
      'psql app -c "SHOW server_version;"',
    ],
    runs: [
      'psql',
      'psql -c "select 1"',
      "psql -c '\\! id'",
      "psql -c 'show a; drop table x'",
      "psql -c '\\l | id'",
      "psql -c '\\o x'",
      'psql -f x',
      'psql -o x -l',
      'psql -h x -l',
      'psql -l "host=x"',
      'psql -l postgresql://x/y',
      'psql -L x -l',
      'psql -v a=b -l',
      'psql -d "host=x" -l',
      "psql -c '\\l' -c 'drop table x'",
    ],
  },
  pg_isready: {
    reads: ['pg_isready', 'pg_isready -h 127.0.0.1 -p 5432'],
    runs: ["pg_isready -U 'a\nFLUSHALL'", "pg_isready -d 'host=x'"],
  },
  pg_lsclusters: { reads: ['pg_lsclusters'], runs: ['pg_ctlcluster 15 main stop'] },
  mysqladmin: {
    reads: ['mysqladmin status', 'mysqladmin -u root processlist'],
    runs: [
      'mysqladmin shutdown',
      'mysqladmin status shutdown',
      'mysqladmin kill 1',
      'mysqladmin --defaults-file=x status',
      'mysqladmin -h x status',
    ],
  },
  mysql: {
    reads: [
      "mysql -e 'show processlist'",
      'mysql -e "show global status like \'Threads%\'"',
      'mysql --version',
      "mysql -u root -e 'show databases;'",
    ],
    runs: [
      'mysql',
      "mysql -e 'drop table x'",
      "mysql -e 'show databases; drop table x'",
      "mysql -e 'system id'",
      "mysql -e '\\! id'",
      'mysql --tee=x -e "show databases"',
      'mysql --pager=x -e "show databases"',
      'mysql -h x -e "show databases"',
      'mysql --init-command=x -e "show databases"',
      'mysql --plugin-dir=x -e "show databases"',
    ],
  },
  'redis-cli': {
    reads: [
      'redis-cli ping',
      'redis-cli info memory',
      'redis-cli -n 1 dbsize',
      'redis-cli slowlog get 10',
      'redis-cli client list',
    ],
    runs: [
      'redis-cli',
      'redis-cli flushall',
      'redis-cli config set a b',
      'redis-cli config get requirepass',
      'redis-cli -h x info',
      'redis-cli -p 1 info',
      'redis-cli eval x 0',
      'redis-cli --rdb x',
      'redis-cli -x set a',
      'redis-cli client kill x',
      'redis-cli slowlog reset',
      'redis-cli memory purge',
      'redis-cli --eval x',
      'redis-cli info -x',
    ],
  },
  etcdctl: {
    reads: ['etcdctl endpoint health', 'etcdctl member list -w table'],
    runs: [
      'etcdctl put a b',
      'etcdctl --endpoints=x endpoint health',
      'etcdctl member remove x',
      'etcdctl alarm disarm',
    ],
  },
  rabbitmqctl: {
    reads: ['rabbitmqctl status', 'rabbitmqctl list_queues name messages'],
    runs: ['rabbitmqctl stop', 'rabbitmqctl eval x', 'rabbitmqctl -n x status'],
  },
})
