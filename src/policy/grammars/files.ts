import type { Grammar } from '../grammar.ts'

/** What lists files and tells of them. */
export const FILES: readonly Grammar[] = [
  {
    program: 'ls',
    flags:
      '-a -A -b -B -c -C -d -f -F -g -G -h -H -i -k -l -L -m -n -N -o -p -q -Q -r -R -s -S ' +
      '-t -u -U -v -x -X -Z -1 --all --almost-all --author --directory --human-readable ' +
      '--inode --recursive --reverse --size --si --full-time --group-directories-first ' +
      '--no-group --numeric-uid-gid --dereference --zero --version --help',
    options: {
      '-I --ignore --hide --block-size --time-style': 'text',
      '-w --width -T': 'number',
      '--sort': ['none', 'size', 'time', 'version', 'extension', 'width'],
      '--time': ['atime', 'access', 'use', 'ctime', 'status', 'birth', 'creation', 'mtime', 'modification'],
      '--format': ['across', 'commas', 'horizontal', 'long', 'single-column', 'verbose', 'vertical'],
    },
    optional: { '--color --classify': ['always', 'auto', 'never'] },
    operands: [{ is: 'path', count: 'any', default: '.' }],
    below: '-R --recursive',
  },
  {
    program: 'find',
    bundles: false,
    ends: false,
    // What acts is left out: -ok, -delete, -fprint, -fls. So is -files0-from, which names files in a file.
    flags:
      '-H -L -P -O0 -O1 -O2 -O3 -a -and -o -or -not -true -false -depth -mount -xdev ' +
      '-daystart -follow -noleaf -empty -executable -readable -writable -nouser -nogroup ' +
      '-print -print0 -ls -prune -quit',
    options: {
      '-name -iname -path -ipath -wholename -regex -iregex -lname -ilname -newermt -printf': 'text',
      '-regextype -user -group -fstype': 'name',
      '-type -xtype': '/[bcdpflsD](,[bcdpflsD])*/',
      '-size': '/[-+]?[0-9]+[bcwkMG]?/',
      '-mtime -atime -ctime -mmin -amin -cmin': '/[-+]?[0-9.]+/',
      '-newer -anewer -cnewer -samefile': 'path',
      '-perm': '/[-\\/]?[0-7ugoarwxXst=,+-]+/',
      '-uid -gid': 'number',
      '-links -inum': '/[-+]?[0-9]+/',
      '-maxdepth -mindepth': '/[0-9]+/',
      '-exec -execdir': 'command',
    },
    words: ['/[!()]/'],
    operands: [{ is: 'path', count: 'any', default: '.' }],
    below: true,
  },
]
