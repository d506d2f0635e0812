import type { Grammar } from '../grammar.ts'

/** What lists files and tells of them. */
export const FILES: readonly Grammar[] = [
  {
    program: 'ls dir vdir',
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
  {
    program: 'stat',
    flags: '-L -f -t --dereference --file-system --terse --help --version',
    options: { '-c --format --printf': 'text', '--cached': ['always', 'never', 'default'] },
    operands: [{ is: 'path', count: 'some' }],
  },
  {
    program: 'file',
    // -C writes a compiled list of kinds, -f names files in a file, -p sets times, -z starts programs that unpack.
    flags:
      '-b -i -L -h -k -0 -N -n -r -s --brief --mime --mime-type --mime-encoding --extension ' +
      '--dereference --no-dereference --keep-going --raw --special-files --version --help',
    options: { '-F --separator': 'text' },
    operands: [{ is: 'path', count: 'some' }],
  },
  {
    program: 'readlink realpath',
    flags:
      '-f -e -m -n -z -q -s -L -P -v --canonicalize --canonicalize-existing --canonicalize-missing ' +
      '--no-newline --zero --quiet --no-symlinks --logical --physical',
    options: { '--relative-to --relative-base': 'path' },
    operands: [{ is: 'path', count: 'some' }],
  },
  {
    program: 'basename dirname',
    flags: '-a -z --multiple --zero',
    options: { '-s --suffix': 'text' },
    operands: [{ is: 'text', count: 'some' }],
  },
  { program: 'pwd', flags: '-L -P --logical --physical' },
  {
    program: 'du',
    flags:
      '-0 -a -b -c -D -h -H -k -L -l -m -P -S -s -x --all --apparent-size --bytes --count-links ' +
      '--human-readable --inodes --null --one-file-system --separate-dirs --si --summarize --total',
    options: {
      '-d --max-depth --threshold -t': 'number',
      '-B --block-size --exclude --time-style': 'text',
      '-X --exclude-from': 'path',
    },
    optional: { '--time': ['atime', 'access', 'use', 'ctime', 'status'] },
    operands: [{ is: 'path', count: 'any', default: '.' }],
    below: true,
  },
  {
    program: 'tree',
    // -o writes a file, -R writes one into every folder at the depth.
    flags:
      '-a -d -f -i -l -x -q -N -Q -p -u -g -s -h -D -F -A -C -n -S -J -X -r -t -c -U -v ' +
      '--dirsfirst --du --noreport --prune --matchdirs --ignore-case --si --inodes --device --version',
    options: { '-L': 'number', '-P -I --timefmt': 'text', '--filelimit': 'number' },
    operands: [{ is: 'path', count: 'any', default: '.' }],
    below: true,
  },
  {
    program: 'md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum',
    // Not -c: what is read then stands in the file.
    flags: '-b -t -z -r -s --binary --text --tag --zero --version',
    options: { '-a --algorithm': 'name', '-l --length': 'number' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'getfacl',
    flags: '-a -d -c -e -E -s -R -L -P -t -p -n --access --default --omit-header --recursive --numeric',
    operands: [{ is: 'path', count: 'some' }],
    below: '-R --recursive',
  },
  {
    program: 'lsattr',
    flags: '-R -V -a -d -l -p -v',
    operands: [{ is: 'path', count: 'any', default: '.' }],
    below: '-R',
  },
  {
    program: 'namei',
    flags: '-l -m -n -o -v -x --long --modes --owners --vertical --mountpoints --nosymlinks',
    operands: [{ is: 'path', count: 'some' }],
  },
  {
    program: 'getcap',
    flags: '-r -v -n',
    operands: [{ is: 'path', count: 'some' }],
    below: '-r',
  },
  { program: 'which', flags: '-a', operands: [{ is: 'name', count: 'some' }] },
  { program: 'whereis', flags: '-b -m -s -u', operands: [{ is: 'name', count: 'some' }] },
  // The program, not the builtin: it knows nothing of variables, and evaluates no subscript.
  { program: 'test', ...conditions() },
  { program: '[', ...conditions() },
]

/** Whatever stands there may be a path that is looked at. */
function conditions(): Omit<Grammar, 'program'> {
  return {
    bundles: false,
    ends: false,
    flags:
      '-b -c -d -e -f -g -G -h -k -L -N -O -p -r -s -S -t -u -w -x -n -z -a -o -eq -ne -lt -le -gt -ge -nt -ot -ef',
    operands: [{ is: 'path', count: 'any' }],
  }
}
