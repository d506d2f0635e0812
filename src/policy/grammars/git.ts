import type { Grammar, Syntax } from '../grammar.ts'

/**
 * What a repository's own configuration could make git start, said otherwise by what outranks it. Twice, because versions before 2.31 know
 * only the second. What cannot be said otherwise here, filters and textconv drivers with names of their own, is met by `status`, `diff`,
 * `blame` and patches: those are not on the list.
 */
const OVERRULED = {
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'gpg.program': 'false',
  'gpg.ssh.program': 'false',
  'gpg.x509.program': 'false',
  'log.showSignature': 'false',
}

const ENVIRONMENT: Readonly<Record<string, string>> = {
  // An object that is not there would be fetched, by a program that the repository names.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_COUNT: String(Object.keys(OVERRULED).length),
  ...Object.fromEntries(
    Object.entries(OVERRULED).flatMap(([key, value], i) => [
      [`GIT_CONFIG_KEY_${i}`, key],
      [`GIT_CONFIG_VALUE_${i}`, value],
    ]),
  ),
  GIT_CONFIG_PARAMETERS: Object.entries(OVERRULED)
    .map(([key, value]) => `'${key}=${value}'`)
    .join(' '),
}

/** A commit, a range, a path in the repository; no `HEAD:file`, which would be shown through a textconv driver. */
const REVISIONS = [{ is: '/[\\w.\\/@^~{}*+\\[\\]?,-]+/', count: 'any' }] as const

const LOG: Syntax = {
  flags:
    '--oneline --graph --all --shortstat --numstat --name-only --name-status --summary --no-decorate ' +
    '--no-patch -s --reverse --merges --no-merges --first-parent --follow --abbrev-commit --no-abbrev-commit --branches ' +
    '--tags --remotes --date-order --topo-order --parents --children --left-right --no-color -i -E -F ' +
    '--regexp-ignore-case --relative-date --no-ext-diff --no-textconv --full-history --boundary -g --walk-reflogs',
  options: {
    '-n --max-count --skip': 'number',
    '--since --after --until --before --author --committer --grep': 'text',
    '--diff-filter': 'name',
  },
  optional: {
    // %G asks a program that checks signatures.
    '--pretty --format': '/(%[-+ ]?[A-FH-Za-z0-9%]|[^%])*/',
    '--decorate': ['short', 'full', 'auto', 'no'],
    '--date': '/[A-Za-z-]+(:[\\s\\S]*)?/',
    '--abbrev --stat': '/[0-9,]+/',
    '--color': ['always', 'auto', 'never'],
  },
  words: ['/-[0-9]+/'],
  operands: REVISIONS,
}

export const GIT: readonly Grammar[] = [
  {
    program: 'git',
    environment: ENVIRONMENT,
    bundles: false,
    // What is in the repository.
    reads: '.',
    below: true,
    // Not -c, which configures, nor --git-dir and --exec-path.
    flags: '--no-pager -P --no-optional-locks --version --bare',
    options: { '-C': 'path' },
    bare: true,
    subcommands: {
      log: LOG,
      // Without a patch.
      show: { ...LOG, needs: ['--stat --shortstat --numstat --name-only --name-status --no-patch -s'] },
      shortlog: {
        flags: '-s -n -e --summary --numbered --email --all --no-merges',
        options: { '--since --until': 'text' },
        operands: [{ is: '/[\\w.\\/@^~{}-]+/', count: 'some' }],
      },
      'rev-list': { ...LOG, flags: `${LOG.flags} --count --objects` },
      'rev-parse': {
        flags:
          '--show-toplevel --git-dir --show-prefix --show-cdup --is-inside-work-tree --is-bare-repository --verify -q --quiet --symbolic --symbolic-full-name --all --branches --tags',
        optional: { '--short --abbrev-ref': '/[a-z0-9]+/' },
        operands: [{ is: '/[\\w.\\/@^~{}:-]+/', count: 'any' }],
      },
      // A name would be made, and by -l too in old versions.
      branch: {
        flags: '-a -r -v --all --remotes --list --show-current --verbose --no-color --no-column',
        options: { '--sort': '/-?[a-z:]+/' },
        optional: { '--contains --no-contains --merged --no-merged': REVISIONS[0].is },
        operands: [{ is: 'name', count: 'any', if: '--list' }],
      },
      tag: {
        flags: '-l --list --no-column',
        options: { '--sort': '/-?[a-z:]+/' },
        optional: { '-n': 'number', '--contains --merged --points-at': REVISIONS[0].is },
        operands: [{ is: 'name', count: 'any', if: '-l --list' }],
      },
      remote: {
        flags: '-v --verbose',
        bare: true,
        subcommands: { 'get-url': { flags: '--all --push', operands: [{ is: 'name' }] } },
      },
      'ls-files': {
        flags:
          '-c -o -s -t -u -v -z --cached --others --stage --exclude-standard --error-unmatch --full-name',
        operands: [{ is: '/[\\w.\\/*-]+/', count: 'any' }],
      },
      'ls-tree': {
        flags: '-r -d -t -l -z --long --name-only --name-status --full-name --full-tree',
        operands: REVISIONS,
      },
      'cat-file': { flags: '-p -t -s -e', needs: ['-p -t -s -e'], operands: [{ is: '/[\\w.\\/@^~{}:-]+/' }] },
      describe: {
        flags: '--tags --always --all --long --contains --exact-match --first-parent',
        options: { '--match --exclude': 'text', '--abbrev --candidates': 'number' },
        operands: REVISIONS,
      },
      'show-ref for-each-ref': {
        flags: '--heads --tags --head -d --dereference',
        options: { '--count': 'number', '--sort': '/-?[a-z:]+/' },
        operands: [{ is: 'name', count: 'any' }],
      },
      'symbolic-ref': { flags: '--short -q --quiet', operands: [{ is: 'name' }] },
      'merge-base name-rev': { flags: '--all --is-ancestor --name-only --tags', operands: REVISIONS },
      // With one name it tells, with two it sets. Not what is overruled above, nor a list of all: they would not be the repository's own.
      config: {
        flags: '--get --get-all --show-origin --show-scope --global --local --system --bool --int --path',
        operands: [
          {
            is: '/(?i)(color|commit|credential|clone|checkout|clean|gc|gui|lfs|[abd-fh-km-z][a-z0-9-]*)\\.[\\s\\S]+/',
          },
        ],
      },
      stash: { subcommands: { list: LOG } },
      reflog: {
        ...LOG,
        operands: [{ is: '/show|[\\w.\\/@^~{}-]*[\\/@^~{}][\\w.\\/@^~{}-]*|HEAD/', count: 'optional' }],
      },
      worktree: { subcommands: { list: { flags: '-v --porcelain --verbose' } } },
      // -O starts a pager, --textconv a driver.
      grep: {
        flags:
          '-n -i -l -L -c -w -v -h -H -E -F -G -q -a -I -o -p -W --line-number --ignore-case --files-with-matches --count --cached --no-color --heading --break --show-function --all-match -r',
        options: { '-e -A -B -C -m --max-depth --threads': 'text' },
        operands: [
          { is: 'text', unless: '-e' },
          { is: '/[\\w.\\/@^~*-]+/', count: 'any' },
        ],
      },
      'count-objects': { flags: '-v -H --verbose --human-readable' },
      version: { flags: '--build-options' },
    },
  },
]
