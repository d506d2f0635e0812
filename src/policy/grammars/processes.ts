import type { Grammar } from '../grammar.ts'

const PIDS = '/[0-9]+([, ]+[0-9]+)*/'

/** What tells of processes. */
export const PROCESSES: readonly Grammar[] = [
  {
    program: 'ps',
    flags:
      '-A -a -d -e -N -c -F -f -H -j -l -L -M -m -P -T -V -w -y -Z --deselect --forest ' +
      '--headers --no-headers --no-heading --version',
    options: {
      '-C -G -g -o -O -u -U --sort --format --user --group': 'text',
      '-p -q -s --pid --ppid': PIDS,
      '-t --tty': 'name',
      '--cols --columns --rows --lines --width': 'number',
    },
    dashless: {
      where: 'any',
      flags: 'TargrxcfhjlnsuvwHLmSXZVe',
      options: { o: 'text', O: 'text', p: PIDS, k: 'text', t: 'name', U: 'text' },
    },
    words: ['/[0-9]+/'],
  },
  {
    program: 'pgrep',
    flags:
      '-l -a -f -i -x -n -o -v -c -w --list-name --list-full --full --exact --newest --oldest --inverse --count',
    options: {
      '-u --euid -U --uid -g --pgroup -G --group -s --session -t --terminal -d --delimiter': 'text',
      '-P --parent': PIDS,
    },
    operands: [{ is: 'text', count: 'optional' }],
  },
  {
    program: 'pidof',
    flags: '-s -c -x -q -w -z',
    options: { '-o -S': 'text' },
    operands: [{ is: 'name', count: 'some' }],
  },
  {
    program: 'pstree',
    flags: '-a -A -c -g -G -h -l -n -p -s -S -t -T -u -U -V -Z',
    options: { '-H': PIDS, '-N': 'name' },
    operands: [{ is: 'name', count: 'optional' }],
  },
  {
    program: 'top',
    // Without a keyboard. It would make a folder for what a person types into it.
    environment: { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' },
    flags: '-b -c -H -i -s -S -1 --batch-mode',
    options: {
      '-n --iterations -d --delay -w --width': 'number',
      '-o --sort-override': '/[-+]?[A-Za-z%]+/',
      '-p --pid': PIDS,
      '-e -E -u -U --filter-only-euser': 'name',
    },
    needs: ['-b --batch-mode'],
  },
  { program: 'uptime', flags: '-p -s -V --pretty --since --version' },
  {
    program: 'w',
    flags: '-h -i -s -f -o -u -V --no-header --short --from --old-style --ip-addr',
    operands: [{ is: 'name', count: 'optional' }],
  },
  {
    program: 'free',
    flags:
      '-b -k -m -g -h -l -L -t -v -w --bytes --kibi --mebi --gibi --human --lohi --total --wide --si --giga --mega',
    options: { '-s --seconds -c --count': 'number' },
  },
  {
    program: 'vmstat',
    flags:
      '-a -d -D -f -m -n -s -t -w --active --disk --disk-sum --forks --slabs --one-header --stats --timestamp --wide',
    options: { '-p --partition': 'name', '-S --unit': ['k', 'K', 'm', 'M'] },
    operands: [
      { is: 'number', count: 'optional' },
      { is: 'number', count: 'optional' },
    ],
  },
  {
    program: 'iostat mpstat',
    flags: '-c -d -h -k -m -N -s -t -V -x -y -z -A -T -u -i --human --pretty',
    options: { '-P -n -I': 'name', '-g -j -p': 'name' },
    operands: [{ is: 'name', count: 'any' }],
  },
  {
    program: 'pidstat',
    // -e starts a program.
    flags: '-d -h -H -I -l -r -R -s -t -u -v -V -w --human',
    options: { '-p -C -G -U -T': 'name' },
    operands: [{ is: 'number', count: 'any' }],
  },
  {
    program: 'sar',
    // -o writes; without it and -f, its own records of the day are read.
    flags: '-A -b -B -d -F -H -h -p -q -r -S -t -u -v -V -w -W -y -z -C --human --pretty',
    options: { '-n -m -P -I': 'name', '-s -e -i': '/[0-9:]+/', '-f': 'path' },
    operands: [{ is: 'number', count: 'any' }],
  },
  {
    program: 'lsof',
    // -D keeps a file of devices. `+D` and what follows `-i` behind a blank stand where its paths stand.
    flags: '-a -b -C -h -l -n -N -O -P -R -t -U -v -V -w -X -Z',
    options: { '-p -g': '/\\^?[0-9]+(,\\^?[0-9]+)*/', '-c -u -d': 'text' },
    optional: { '-i': 'text', '-s': '/(TCP|UDP):[A-Za-z_,^0-9]+/', '-r -F -o -S -T': 'text' },
    words: ['/\\+[dDLcfrwE]?[0-9]*/', '/(tcp|udp|TCP|UDP)?(@[A-Za-z0-9_.-]+)?:[A-Za-z0-9,-]+/'],
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'fuser',
    // Not -k, which kills, nor a signal.
    flags: '-4 -6 -a -c -I -l -m -M -s -u -v -V --all --mount --ismountpoint --silent --user --verbose',
    options: { '-n --namespace': ['file', 'tcp', 'udp'] },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'pmap',
    flags: '-d -p -q -x -X --device --extended --quiet --show-path',
    operands: [{ is: 'number', count: 'some' }],
  },
  { program: 'pwdx', operands: [{ is: 'number', count: 'some' }] },
  { program: 'nproc', flags: '--all', options: { '--ignore': 'number' } },
  { program: 'slabtop', flags: '-o --once', options: { '-s --sort': 'name' }, needs: ['-o --once'] },
  { program: 'numactl', flags: '-H -s --hardware --show', needs: ['-H -s --hardware --show'] },
  {
    program: 'ipcs lsipc',
    flags:
      '-a -b -c -e -g -h -J -l -m -M -n -p -P -q -Q -r -s -S -t -u -V --human --global --shmems --queues --semaphores',
    options: { '-i --id': 'number', '-o --output': 'text' },
  },
  {
    program: 'prlimit',
    // A limit with a value would be set.
    flags:
      '-c -d -e -f -i -l -m -n -q -r -s -t -u -v -x -y --core --data --nice --fsize --sigpending --memlock --rss ' +
      '--nofile --msgqueue --rtprio --stack --cpu --nproc --as --locks --rttime --noheadings --raw --verbose',
    options: { '-p --pid': 'number', '-o --output': 'text' },
    needs: ['-p --pid'],
  },
  {
    program: 'lsns lsfd lslocks lslogins',
    flags:
      '-J -l -n -r -u -W -i -p -T -a -c -e -f -g -L -s -S -z --json --list --noheadings --raw --notruncate',
    options: { '-o --output': 'text' },
  },
  {
    program: 'taskset',
    flags: '-a -c -p --all-tasks --cpu-list --pid',
    needs: ['-p --pid'],
    operands: [{ is: 'number' }],
  },
  {
    program: 'chrt',
    flags: '-a -m -p -v --all-tasks --max --pid',
    needs: ['-p --pid -m --max'],
    operands: [{ is: 'number', count: 'optional' }],
  },
]
