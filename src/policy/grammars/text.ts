import type { Grammar } from '../grammar.ts'

/** What prints text, or searches it. */
export const TEXT: readonly Grammar[] = [
  {
    program: 'cat',
    flags:
      '-A -b -e -E -n -s -t -T -u -v --show-all --number-nonblank --show-ends --number ' +
      '--squeeze-blank --show-tabs --show-nonprinting',
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'head tail',
    // Tail of a file that grows ends with the time of the call.
    flags: '-q -v -z -f -F --quiet --silent --verbose --retry --zero-terminated --help --version',
    options: { '-n --lines -c --bytes -s --sleep-interval --pid': 'number' },
    optional: { '--follow': ['name', 'descriptor'] },
    words: ['/-[0-9]+/', '/\\+[0-9]+/'],
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'grep egrep fgrep',
    flags:
      '-E -F -G -P -a -b -c -h -H -i -I -l -L -n -o -q -r -R -s -T -U -v -w -x -y -z -Z -V ' +
      '--extended-regexp --fixed-strings --basic-regexp --perl-regexp --text --byte-offset ' +
      '--count --no-filename --with-filename --ignore-case --no-ignore-case ' +
      '--files-with-matches --files-without-match --line-number --only-matching --quiet ' +
      '--silent --recursive --dereference-recursive --no-messages --initial-tab ' +
      '--invert-match --word-regexp --line-regexp --null --null-data --line-buffered --help ' +
      '--version',
    options: {
      '-e --regexp --include --exclude --exclude-dir --label': 'text',
      '-f --file --exclude-from': 'path',
      '-A --after-context -B --before-context -C --context -m --max-count': 'number',
      '-d --directories': ['read', 'recurse', 'skip'],
      '-D --devices': ['read', 'skip'],
      '--binary-files': ['binary', 'text', 'without-match'],
    },
    optional: { '--color --colour': ['always', 'auto', 'never'] },
    words: ['/-[0-9]+/'],
    operands: [
      { is: 'text', unless: '-e --regexp -f --file' },
      // Without a file it reads its standard input, or the directory.
      { is: 'path', count: 'any', unless: '-r -R --recursive --dereference-recursive -d --directories' },
      {
        is: 'path',
        count: 'any',
        default: '.',
        if: '-r -R --recursive --dereference-recursive -d --directories',
      },
    ],
    below: '-r -R --recursive --dereference-recursive -d --directories',
  },
  {
    program: 'wc',
    // --files0-from names files in a file, here and for sort.
    flags: '-c -m -l -L -w --bytes --chars --lines --max-line-length --words',
    options: { '--total': ['auto', 'always', 'only', 'never'] },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'sort',
    // Not -o, which writes, -T, which says where, nor --compress-program, which is started.
    flags:
      '-b -c -C -d -f -g -h -i -M -m -n -R -r -s -u -V -z --check --debug --dictionary-order ' +
      '--general-numeric-sort --human-numeric-sort --ignore-case --ignore-leading-blanks --merge ' +
      '--month-sort --numeric-sort --random-sort --reverse --stable --unique --version-sort --zero-terminated',
    options: {
      '-k --key': '/[0-9.]+[bdfgiMhnRrV]*(,[0-9.]+[bdfgiMhnRrV]*)?/',
      '-t --field-separator': 'text',
      '-S --buffer-size --parallel': 'number',
      '--random-source': 'path',
    },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'uniq',
    flags: '-c -d -D -i -u -z --count --repeated --ignore-case --unique --zero-terminated',
    options: { '-f --skip-fields -s --skip-chars -w --check-chars': 'number' },
    // A second one would be written to.
    operands: [{ is: 'path', count: 'optional' }],
  },
  {
    program: 'cut',
    flags: '-s -z -n --only-delimited --complement --zero-terminated',
    options: {
      '-b --bytes -c --characters -f --fields': '/[0-9,-]+/',
      '-d --delimiter --output-delimiter': 'text',
    },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'paste',
    flags: '-s -z --serial --zero-terminated',
    options: { '-d --delimiters': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'join comm',
    flags: '-1 -2 -3 -i -z --check-order --nocheck-order --header --total --zero-terminated',
    operands: [{ is: 'path' }, { is: 'path' }],
  },
  {
    program: 'tr',
    flags: '-c -C -d -s -t --complement --delete --squeeze-repeats --truncate-set1',
    operands: [{ is: 'text' }, { is: 'text', count: 'optional' }],
  },
  {
    program: 'tac',
    flags: '-b -r --before --regex',
    options: { '-s --separator': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  { program: 'rev', operands: [{ is: 'path', count: 'any' }] },
  {
    program: 'nl',
    flags: '-p --no-renumber',
    options: {
      '-b -h -f -n -d -s --body-numbering --number-separator': 'text',
      '-v -i -w -l --starting-line-number': 'number',
    },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'fold fmt',
    flags: '-b -s -c -u --bytes --spaces --crown-margin --split-only --uniform-spacing',
    options: { '-w --width': 'number' },
    words: ['/-[0-9]+/'],
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'expand unexpand',
    flags: '-i -a --initial --all --first-only',
    options: { '-t --tabs': 'text' },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'column',
    flags: '-t -x -e -n -L --table --fillrows --keep-empty-lines',
    options: {
      '-c --output-width': 'number',
      '-s --separator -o --output-separator': 'text',
      '-N --table-columns': 'text',
    },
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'diff',
    // -l starts another program.
    flags:
      '-a -b -B -c -d -E -e -i -n -N -q -r -s -t -T -u -w -y -Z --brief --recursive ' +
      '--side-by-side --ignore-case --ignore-all-space --ignore-space-change --ignore-blank-lines ' +
      '--new-file --report-identical-files --suppress-common-lines --minimal --text --no-dereference',
    options: {
      '-U -C -W --width': 'number',
      '-x --exclude -I -F --label -L': 'text',
      '-X --exclude-from': 'path',
    },
    optional: { '--color': ['always', 'auto', 'never'], '--unified --context': 'number' },
    operands: [{ is: 'path' }, { is: 'path' }],
    below: '-r --recursive',
  },
  {
    program: 'cmp',
    flags: '-b -l -s --print-bytes --verbose --quiet --silent',
    options: { '-n --bytes -i --ignore-initial': 'number' },
    operands: [{ is: 'path' }, { is: 'path', count: 'optional' }],
  },
  {
    program: 'less more',
    // It has no terminal. Should it ever have one: no key starts a program or writes a file.
    environment: { LESSSECURE: '1', LESSHISTFILE: '-', PAGERSECURE: '1' },
    flags: '-N -S -R -r -i -I -n -F -X -E -e -M -m -s',
    operands: [{ is: 'path', count: 'any' }],
  },
]
