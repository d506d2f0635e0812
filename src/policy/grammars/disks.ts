import type { Grammar } from '../grammar.ts'

const LVM = {
  // What LVM keeps for itself, locks and a cache, is written at every look; nobody who asks has a say in it.
  flags: '-a -v --all --noheadings --nosuffix --readonly --segments --headings --aligned --colon',
  options: { '-o --options -O --sort -S --select': 'text', '--units --reportformat --separator': 'text' },
  operands: [{ is: 'name', count: 'any' }],
} as const

/** What tells of disks, file systems and how full they are. */
export const DISKS: readonly Grammar[] = [
  {
    program: 'df',
    flags:
      '-a -h -H -i -k -l -P -T --all --human-readable --inodes --local --portability --print-type --si --total --no-sync',
    options: { '-t --type -x --exclude-type': 'name', '-B --block-size': 'name' },
    optional: { '--output': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'lsblk',
    flags:
      '-A -a -b -d -D -f -i -J -l -M -m -N -n -O -p -P -r -S -s -T -t -v -z --all --bytes --nodeps --discard --fs ' +
      '--ascii --json --list --perms --noheadings --output-all --paths --pairs --raw --scsi --inverse --topology',
    options: { '-o --output -x --sort -e --exclude -I --include -E --dedup': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'blkid',
    // It would keep what it found in a file.
    environment: { BLKID_FILE: '/dev/null' },
    flags: '-k -l -i -p -d',
    options: { '-o --output -s --match-tag -t --match-token -L --label -U --uuid -n -u': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  // Without anything to mount it prints a list.
  { program: 'mount', flags: '-l --show-labels', options: { '-t --types': 'name' } },
  {
    program: 'findmnt',
    flags:
      '-A -a -b -C -D -d -e -f -i -J -k -l -m -n -P -R -r -s -u -U -v --all --df --kernel --fstab --mtab --json --list ' +
      '--noheadings --pairs --raw --real --pseudo --submounts --tree --bytes',
    options: {
      '-o --output -t --types -O --options -S --source -T --target -M --mountpoint -N --task': 'text',
    },
    operands: [{ is: 'text', count: 'any' }],
  },
  {
    program: 'swapon',
    flags: '-s --summary --noheadings --raw --bytes',
    optional: { '--show': 'text' },
    needs: ['-s --summary --show'],
  },
  { program: 'pvs vgs lvs', ...LVM },
  {
    program: 'pvdisplay vgdisplay lvdisplay',
    ...LVM,
    flags: `${LVM.flags} -C -m -s --columns --maps --short`,
  },
  {
    program: 'fdisk',
    flags: '-l -x --list --list-details --bytes',
    options: { '-o --output': 'text', '-u --units': 'name' },
    needs: ['-l -x --list --list-details'],
    operands: [{ is: 'path', count: 'any' }],
  },
  // Without -l it reads what to write from its standard input.
  {
    program: 'sfdisk',
    flags: '-l --list',
    options: { '-o --output': 'text' },
    needs: ['-l --list'],
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'parted',
    // In a script it asks nobody whether to repair; otherwise it would, and an answer may come by its standard input.
    flags: '-s -l -m --script --list --machine',
    needs: ['-s --script', '-l --list'],
  },
  {
    program: 'smartctl',
    // Not -t, -s, -o and -S: they start tests and change settings.
    flags:
      '-a -A -c -H -i -x --all --xall --attributes --capabilities --health --info --scan --scan-open -j --json',
    // Nor the logs whose name, with numbers behind it, sets something: `scterc,70,70`.
    options: {
      '-l --log':
        '/(x?error|x?selftest|selective|directory|ssd|devstat|background|sataphy|sasphy|scttemp|scttempsts|scttemphist|scterc)/',
      '-d --device -n --nocheck -f --format -q --quietmode': 'name',
    },
    operands: [{ is: 'path', count: 'optional' }],
  },
  {
    program: 'hdparm',
    flags: '-C -g -i -I',
    needs: ['-C -g -i -I'],
    operands: [{ is: 'path', count: 'some' }],
  },
  {
    program: 'mdadm',
    flags: '-D -E -Q -s -v -b --detail --examine --query --scan --verbose --brief --export',
    needs: ['-D -E -Q --detail --examine --query'],
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'zpool zfs',
    // Not `zpool status -c`, which starts scripts.
    subcommands: {
      'status list iostat get history': {
        flags: '-H -p -P -L -v -x -g -D -s -t -r -T -l -q -w -y -i',
        options: { '-o -d -S': 'text' },
        operands: [{ is: 'name', count: 'any' }],
      },
    },
  },
  {
    program: 'btrfs',
    subcommands: {
      'filesystem fi': {
        subcommands: {
          'show df usage': {
            flags: '-h -H -b -k -m -g -t -d --raw --human-readable',
            operands: [{ is: 'path', count: 'any' }],
          },
        },
      },
      'subvolume su': {
        subcommands: { 'list show': { flags: '-a -c -o -p -r -s -t -u -q -R', operands: [{ is: 'path' }] } },
      },
      device: {
        subcommands: { 'stats usage': { flags: '-c -h -H -b -k -m -g -t -T', operands: [{ is: 'path' }] } },
      },
      scrub: { subcommands: { status: { flags: '-d -R', operands: [{ is: 'path' }] } } },
    },
  },
  { program: 'dumpe2fs', flags: '-b -f -g -h -x', operands: [{ is: 'path' }] },
  { program: 'tune2fs', flags: '-l', needs: ['-l'], operands: [{ is: 'path' }] },
  {
    program: 'quota',
    flags: '-g -i -l -p -q -Q -s -u -v -w --human-readable',
    operands: [{ is: 'name', count: 'any' }],
  },
  { program: 'repquota', flags: '-a -c -g -i -n -s -t -u -v', operands: [{ is: 'path', count: 'any' }] },
  {
    program: 'showmount',
    flags: '-a -d -e --all --directories --exports --no-headers',
    operands: [{ is: 'host', count: 'optional' }],
  },
]
