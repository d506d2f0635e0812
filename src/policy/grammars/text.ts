import type { Grammar } from '../grammar.ts'

/** What prints text, or searches it. */
export const TEXT: readonly Grammar[] = [
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
]
