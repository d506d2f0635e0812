import type { Grammar } from '../grammar.ts'

/** What shows firewalls, mandatory access control and the kernel's audit. */
export const SECURITY: readonly Grammar[] = [
  {
    program: 'iptables ip6tables',
    // -Z sets the counters to nothing, and may stand beside -L; --modprobe names a program.
    flags: '-L --list -S --list-rules -n -v -x --numeric --verbose --exact --line-numbers -4 -6',
    options: { '-t --table': ['filter', 'nat', 'mangle', 'raw', 'security'] },
    optional: { '-w --wait': 'number' },
    needs: ['-L --list -S --list-rules'],
    operands: [
      { is: '/[A-Za-z0-9_][\\w.:-]*/', count: 'optional' },
      { is: 'number', count: 'optional' },
    ],
  },
  { program: 'iptables-save ip6tables-save', flags: '-c --counters', options: { '-t --table': 'name' } },
  {
    program: 'nft',
    // Its words are one script: none of them has a character that ends a command.
    flags: '-a -j -n -s -S -t -y -N -p --handle --json --numeric --stateless --terse',
    subcommands: { list: { ends: false, operands: [{ is: '/[A-Za-z0-9_][\\w.-]*/', count: 'some' }] } },
  },
  {
    program: 'ufw',
    subcommands: {
      status: { operands: [{ is: ['verbose', 'numbered'], count: 'optional' }] },
      version: {},
      app: { subcommands: { list: {}, info: { operands: [{ is: 'text' }] } } },
    },
  },
  {
    program: 'firewall-cmd',
    flags:
      '--state --permanent --list-all --list-all-zones --get-active-zones --get-default-zone --get-zones --get-services ' +
      '--list-services --list-ports --list-protocols --list-interfaces --list-sources --list-rich-rules --list-forward-ports ' +
      '--list-icmp-blocks --get-log-denied --query-masquerade --query-panic --version',
    options: { '--zone --info-service --info-zone --query-service --query-port --query-interface': 'name' },
  },
  {
    program: 'fail2ban-client',
    subcommands: { status: { operands: [{ is: 'name', count: 'optional' }] }, 'ping version banned': {} },
  },
  { program: 'getenforce' },
  { program: 'sestatus', flags: '-b -v' },
  { program: 'getsebool', flags: '-a', operands: [{ is: 'name', count: 'any' }] },
  {
    program: 'aa-status apparmor_status',
    flags: '--verbose --json --pretty-json --enabled --profiled --enforced --complaining --count',
  },
  {
    program: 'ausearch',
    bundles: false,
    // Not --checkpoint, which is written.
    flags: '-i --interpret --raw -r -l -w --just-one -e',
    options: {
      '-m --message -k --key -ui --uid -ua -ul --loginuid -p --pid -pp -x --executable -c --comm -sv --success -f --file -hn --host -tm -sc -a -n':
        'text',
      '-ts --start -te --end': '/[A-Za-z0-9:.\\/-]+/',
    },
    // The time behind the date of -ts.
    operands: [{ is: '/[0-9:]+/', count: 'any' }],
  },
  {
    program: 'aureport',
    bundles: false,
    flags:
      '-i --interpret --summary -au --auth -a --avc -c --config -e --event -f --file -h --host -k --key -l --login -m --mods ' +
      '-n --anomaly -p --pid -s --syscall -t --log -u --user -x --executable --failed --success --tty --integrity',
    options: { '-ts --start -te --end': '/[A-Za-z0-9:.\\/-]+/' },
    operands: [{ is: '/[0-9:]+/', count: 'any' }],
  },
  { program: 'auditctl', bundles: false, flags: '-l -s -v', options: { '-k': 'name' }, needs: ['-l -s -v'] },
  // Without --reset.
  { program: 'faillock', options: { '--user': '/[A-Za-z_][\\w.-]*/' } },
]
