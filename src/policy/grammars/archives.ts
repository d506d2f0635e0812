import type { Grammar } from '../grammar.ts'

/** What looks into archives and compressed files, without unpacking anything to disk. */
export const ARCHIVES: readonly Grammar[] = [
  {
    program: 'tar',
    // An archive whose name has a colon is not one of another machine.
    environment: { TAR_OPTIONS: '--force-local' },
    // Only its listing; a compressor is one of those that tar knows, never one that the caller names (-I, --to-command).
    flags: '-t --list -v --verbose -z --gzip -j --bzip2 -J --xz --zstd -a --full-time --numeric-owner',
    options: { '-f --file': 'path', '--exclude': 'text' },
    dashless: { where: 'first', flags: 'tvzjJa', options: { f: 'path' } },
    needs: ['-t --list', '-f --file'],
    operands: [{ is: 'text', count: 'any' }],
  },
  {
    program: 'zcat bzcat xzcat zstdcat',
    flags: '-f -q --quiet --force',
    operands: [{ is: 'path', count: 'any' }],
  },
  {
    program: 'zgrep',
    // A script that builds a command for a shell: old ones were led astray by names of files that nobody typed, and by more lines than one.
    flags: '-c -E -F -h -H -i -l -L -n -o -v -w -x',
    options: { '-m -A -B -C': 'number' },
    operands: [{ is: '/[^\\n]+/' }, { is: 'path' }],
  },
  {
    program: 'unzip',
    // Only its lists; -Z hands all else to another program.
    flags: '-l -v -q',
    needs: ['-l -v'],
    operands: [{ is: 'path' }, { is: 'text', count: 'any' }],
  },
  {
    program: 'gzip xz zstd bzip2',
    // What is inside, or whether it is whole. Without one of these it writes a file.
    flags: '-l --list -t --test -v --verbose -q --quiet',
    needs: ['-l --list -t --test'],
    operands: [{ is: 'path', count: 'some' }],
  },
]
