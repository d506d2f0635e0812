import type { Grammar } from '../grammar.ts'

const PACKAGES = [{ is: 'name', count: 'any' }] as const
const ONE = { is: '/[A-Za-z0-9_][\\w.+:~*-]*/' } as const

/** One option, and nothing else: some of these programs would read their standard input as a script. */
const version = (program: string, names: string): Grammar => ({ program, flags: names, needs: [names] })

/** What asks package managers, and programs for their version. */
export const PACKAGE_MANAGERS: readonly Grammar[] = [
  {
    program: 'apt',
    // Neither -o nor -c: the configuration names programs to start.
    flags:
      '--installed --upgradable --all-versions -a --names-only -n --full -f -q --quiet --manual-installed',
    subcommands: { 'list show search policy depends rdepends': { inherit: true, operands: PACKAGES } },
  },
  {
    program: 'apt-cache',
    flags: '--names-only -n --full -f --installed --recurse --no-all-versions -q --quiet --important -i',
    subcommands: {
      'policy search show depends rdepends showpkg showsrc madison pkgnames stats': {
        inherit: true,
        operands: PACKAGES,
      },
    },
  },
  { program: 'apt-mark', subcommands: { 'showhold showauto showmanual': { operands: PACKAGES } } },
  {
    program: 'dpkg',
    flags:
      '-l --list -L --listfiles -s --status -S --search -p --print-avail --get-selections -V --verify ' +
      '--print-architecture --print-foreign-architectures --version --audit -C --no-pager',
    needs: [
      '-l --list -L --listfiles -s --status -S --search -p --print-avail --get-selections -V --verify ' +
        '--print-architecture --print-foreign-architectures --version --audit -C',
    ],
    operands: [{ is: '/[A-Za-z0-9_*?\\/.][\\w.+:~*?\\/-]*/', count: 'any' }],
  },
  {
    program: 'dpkg-query',
    flags: '-l --list -L --listfiles -s --status -S --search -W --show -p --print-avail --no-pager',
    options: { '-f --showformat': 'text' },
    needs: ['-l --list -L --listfiles -s --status -S --search -W --show -p --print-avail'],
    operands: [{ is: '/[A-Za-z0-9_*?\\/.][\\w.+:~*?\\/-]*/', count: 'any' }],
  },
  {
    program: 'rpm',
    // On Debian it would make an empty database in the home directory; anywhere, macros kept there start programs.
    environment: { HOME: '/nonexistent' },
    // Not -V, which runs what a package brings, nor -p, nor what has to do with macros: those start programs.
    flags:
      '-q --query -a --all -i --info -l --list -f --file -c --configfiles -d --docfiles -R --requires --provides ' +
      '--changelog --scripts --last --obsoletes --conflicts --state -s',
    options: {
      '--qf --queryformat': '/([^%]|%-?[0-9]*\\{=?[A-Za-z0-9_]+(:(date|day|octal|perms))?\\})*/',
      '--whatrequires --whatprovides': 'text',
    },
    needs: ['-q --query'],
    operands: [{ is: '/[A-Za-z0-9_\\/*][\\w.+:~*\\/-]*/', count: 'any' }],
  },
  {
    program: 'apk',
    flags: '-v -q --verbose --quiet --no-network',
    subcommands: {
      info: {
        inherit: true,
        flags: '-a -d -e -L -P -R -r -s -t -W -w --all --contents --depends --installed',
        operands: PACKAGES,
      },
      list: {
        inherit: true,
        flags: '-I -i -u -a -o --installed --available --upgradable',
        operands: PACKAGES,
      },
      'policy stats version search': { inherit: true, operands: PACKAGES },
    },
  },
  {
    program: 'pacman',
    flags:
      '-Q --query -i --info -l --list -o --owns -s --search -e --explicit -d --deps -t --unrequired -u -q -m -n -g -k',
    needs: ['-Q --query'],
    operands: [{ is: 'text', count: 'any' }],
  },
  {
    program: 'snap',
    subcommands: {
      list: { flags: '--all', operands: PACKAGES },
      'version services connections info': { operands: PACKAGES },
    },
  },
  {
    program: 'flatpak',
    subcommands: {
      list: {
        flags: '--app --runtime -a --all -d --show-details --user --system',
        options: { '--columns': 'text' },
      },
    },
  },
  {
    program: 'pip pip3',
    // It would ask for its own newest version. Not `freeze`, which starts git in directories that packages came from.
    environment: { PIP_DISABLE_PIP_VERSION_CHECK: '1', PYTHONDONTWRITEBYTECODE: '1' },
    flags: '--version -V',
    bare: true,
    subcommands: {
      list: {
        flags: '--local --user -e --editable --not-required --pre',
        options: { '--format': ['columns', 'freeze', 'json'] },
      },
      show: { flags: '-f --files', operands: [{ ...ONE, count: 'some' }] },
    },
  },
  {
    program: 'gem',
    subcommands: { list: { flags: '-l --local -a --all -d --details', operands: PACKAGES } },
  },
  {
    program: 'update-alternatives',
    flags: '--get-selections',
    options: { '--display --list --query': ONE.is },
    needs: ['--get-selections --display --list --query'],
  },
  version('python python2 python3 ruby', '--version -V'),
  version('node nodejs perl php gcc g++ cc clang make cmake', '--version -v'),
  version(
    'bash sh dash zsh ldd curl wget rsync vim sqlite3 mongosh mysqld postgres redis-server',
    '--version',
  ),
  version('squid named haproxy', '-v'),
  version('ssh', '-V'),
  // It would leave a file of figures in /tmp.
  {
    program: 'java javac',
    environment: { JAVA_TOOL_OPTIONS: '-XX:-UsePerfData' },
    flags: '-version --version',
    bundles: false,
    needs: ['-version --version'],
  },
  // A file of the directory may name a version that it would load and start.
  { program: 'go', environment: { GOTOOLCHAIN: 'local' }, subcommands: { version: {} } },
]
