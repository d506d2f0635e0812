import type { Grammar } from '../grammar.ts'

/** What tells of the machine and its parts. */
export const HARDWARE: readonly Grammar[] = [
  {
    program: 'lscpu',
    flags: '-a -b -B -c -J -x -y --all --online --offline --bytes --json --hex --physical --output-all',
    optional: { '-e -p -C --extended --parse --caches': 'text' },
  },
  {
    program: 'lspci',
    // Not -H and -M, which touch the hardware, nor -q, which asks a server.
    flags: '-b -D -k -m -n -P -t -v -x',
    options: { '-s -d': 'text' },
  },
  { program: 'lsusb', flags: '-t -v -V', options: { '-s -d': 'text' } },
  {
    program: 'lsmem',
    flags: '-a -b -J -n -P -r --all --bytes --json --noheadings --pairs --raw',
    options: { '-o --output -s --split -S': 'text' },
    optional: { '--summary': ['never', 'always', 'only'] },
  },
  { program: 'lsmod' },
  {
    program: 'modinfo',
    flags: '-0 -a -d -l -n -p --author --description --license --filename --parameters',
    options: { '-F --field': 'name' },
    operands: [{ is: 'name', count: 'some' }],
  },
  {
    program: 'lshw',
    bundles: false,
    flags: '-short -businfo -html -xml -json -quiet -sanitize -numeric',
    options: { '-class -C -c': 'name' },
  },
  { program: 'lsscsi', flags: '-c -d -g -H -i -k -l -L -s -t -u -v -w' },
  {
    program: 'dmidecode',
    // --dump-bin writes a file.
    flags: '-q -u --quiet --dump',
    options: { '-t --type -s --string': 'name' },
  },
  {
    program: 'sensors',
    flags: '-A -f -j -u --no-adapter --fahrenheit',
    operands: [{ is: 'name', count: 'any' }],
  },
  {
    program: 'nvidia-smi',
    bundles: false,
    flags: '-L -q --list-gpus --query -x',
    options: { '-i --id -d --display': 'name', '--query-gpu --query-compute-apps --format': 'text' },
  },
  {
    program: 'uname',
    flags:
      '-a -s -n -r -v -m -p -i -o --all --kernel-name --nodename --kernel-release --kernel-version --machine --operating-system',
  },
  { program: 'arch' },
  {
    program: 'lsb_release',
    flags: '-a -c -d -i -r -s -v --all --codename --description --id --release --short',
  },
  {
    program: 'getconf',
    flags: '-a',
    operands: [
      { is: 'name', count: 'optional', unless: '-a' },
      { is: 'path', count: 'optional' },
    ],
  },
  {
    program: 'ipmitool',
    subcommands: {
      'sensor sdr fru': { bare: true, subcommands: { list: {}, elist: {}, print: {} } },
      sel: {
        bare: true,
        subcommands: {
          list: { operands: [{ is: 'name', count: 'any' }] },
          elist: {},
          info: {},
          'time get': {},
        },
      },
      'chassis power': { subcommands: { status: {} } },
      mc: { subcommands: { info: {} } },
      lan: { subcommands: { print: { operands: [{ is: 'number', count: 'optional' }] } } },
    },
  },
  {
    program: 'rfkill',
    flags: '-J -n -r --json --noheadings --raw',
    options: { '-o --output': 'text' },
    bare: true,
    subcommands: { list: { operands: [{ is: 'name', count: 'any' }] } },
  },
  {
    program: 'upower',
    flags: '-d -e --dump --enumerate --version',
    options: { '-i --show-info': 'path' },
    needs: ['-d -e -i --dump --enumerate --show-info --version'],
  },
]
