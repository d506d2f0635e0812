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
]
