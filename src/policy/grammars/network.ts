import type { Grammar, Syntax } from '../grammar.ts'

/** A word of a listing: none of them makes it do anything else. */
const FILTER = '/[\\w:.][\\w:.\\/@-]*/'
const LISTED: Syntax = { ends: false, bundles: false, operands: [{ is: FILTER, count: 'any' }] }
const shown = (verbs: string, more: Syntax['subcommands'] = {}): Syntax => ({
  bare: true,
  ends: false,
  bundles: false,
  subcommands: { [verbs]: LISTED, ...more },
})

/** What tells of interfaces, addresses, routes and connections. */
export const NETWORK: readonly Grammar[] = [
  {
    program: 'ip',
    bundles: false,
    ends: false,
    // Not -batch, nor -netns. `ip` takes abbreviations for what it does; here each is listed.
    flags:
      '-4 -6 -0 -a -all -br -brief -c -color -d -details -h -human -human-readable -iec -j -json -N -Numeric ' +
      '-o -oneline -p -pretty -r -resolve -s -stats -statistics -t -timestamp -ts -tshort -V -Version',
    options: { '-f -family': ['inet', 'inet6', 'link', 'mpls'] },
    bare: true,
    subcommands: {
      'address addr a': shown('show list lst ls sh'),
      'link l': shown('show list lst ls sh'),
      'route ro r': shown('show list lst ls sh', { get: LISTED }),
      'neighbour neighbor neigh n': shown('show list lst ls sh'),
      'rule ru': shown('show list lst ls sh'),
      'maddress maddr m': shown('show list'),
      'tunnel tunl': shown('show list'),
      netns: shown('list ls', { 'identify pids': LISTED }),
    },
  },
  {
    program: 'bridge',
    bundles: false,
    ends: false,
    flags: '-s -stats -statistics -d -details -o -oneline -j -json -p -pretty -c -color',
    subcommands: { 'link fdb mdb vlan': shown('show list') },
  },
  {
    program: 'tc',
    bundles: false,
    ends: false,
    flags: '-s -stats -statistics -d -details -r -raw -p -pretty -j -json -g -graph -nm',
    subcommands: { 'qdisc class filter': shown('show list ls') },
  },
  {
    program: 'ss',
    // -K cuts connections, -D writes a file, -F reads a filter from one.
    flags:
      '-h -V -H -O -n -r -a -l -o -e -m -p -T -s -i -b -Z -z -4 -6 -0 -t -M -S -u -d -w -x -B --help --version ' +
      '--no-header --oneline --numeric --resolve --all --listening --options --extended --memory --processes --summary ' +
      '--info --ipv4 --ipv6 --packet --tcp --udp --dccp --raw --unix --sctp --vsock --context',
    options: { '-f --family': 'name', '-A --query --socket': 'name' },
    operands: [{ is: 'text', count: 'any' }],
  },
  {
    program: 'netstat',
    flags:
      '-4 -6 -a -A -c -e -g -i -l -n -o -p -r -s -t -u -U -v -w -W -x -Z --all --continuous --extend --groups ' +
      '--interfaces --listening --numeric --program --programs --route --statistics --tcp --udp --timers --wide --raw --unix',
  },
  // With more than a name it would set something.
  { program: 'ifconfig', bundles: false, flags: '-a -s -v', operands: [{ is: 'name', count: 'optional' }] },
  { program: 'route', flags: '-n -e -v -4 -6' },
  {
    program: 'arp',
    flags: '-a -e -n -v',
    options: { '-i': 'name', '-H': 'name' },
    operands: [{ is: 'host', count: 'optional' }],
  },
  // A name would be set, and -F reads one from a file.
  {
    program: 'hostname',
    flags:
      '-a -A -d -f -i -I -s -y -V --alias --all-fqdns --all-ip-addresses --domain --fqdn --long --ip-address --short --nis',
  },
  {
    program: 'ping ping4 ping6',
    // Not -f, and not faster than everybody may.
    flags: '-4 -6 -D -n -O -q -v -V',
    options: {
      '-c -W -w -s -t': '/[0-9]+(\\.[0-9]+)?/',
      '-i': '/[1-9][0-9]*(\\.[0-9]+)?|0?\\.[2-9][0-9]*/',
      '-I': 'host',
    },
    operands: [{ is: 'host' }],
  },
  {
    program: 'traceroute traceroute6 tracepath tracepath6',
    flags: '-4 -6 -n -I -T -U -b -e -A -V',
    options: { '-m -q -w -p -N -f -l': 'number', '-i -s': 'host' },
    operands: [{ is: 'host' }, { is: 'number', count: 'optional' }],
  },
  {
    program: 'mtr',
    flags:
      '-r -w -b -n -z -4 -6 -u -T -j -C --report --report-wide --no-dns --show-ips --aslookup --json --csv',
    options: { '-c --report-cycles -i --interval -m --max-ttl -f --first-ttl -s --psize': 'number' },
    needs: ['-r -w --report --report-wide -j --json -C --csv'],
    operands: [{ is: 'host' }],
  },
  {
    program: 'dig',
    // Not -f, which reads questions from a file, nor -p: a name server, and nobody else, is asked.
    bundles: false,
    flags: '-4 -6 -u -v -r',
    options: { '-x': 'host', '-t -c': 'name', '-q': 'host' },
    words: [
      '/\\+(no)?(short|all|answer|additional|authority|question|stats|cmd|comments|trace|tcp|vc|dnssec|multiline|recurse|search|identify|nsid|cdflag|adflag|ttlid|class|rrcomments|ednsopt|edns|besteffort|fail|showsearch|qr|onesoa|crypto|idnin|idnout)/',
      '/\\+(time|timeout|tries|retry|ndots|bufsize|edns|subnet)=[0-9.\\/]+/',
      '/@[A-Za-z0-9][A-Za-z0-9.:-]*/',
    ],
    operands: [{ is: 'host', count: 'any' }],
  },
  {
    program: 'host',
    flags: '-4 -6 -a -C -c -d -l -r -s -T -v -w',
    options: { '-t': 'name', '-N -R -W': 'number' },
    operands: [{ is: 'host' }, { is: 'host', count: 'optional' }],
  },
  {
    program: 'nslookup',
    bundles: false,
    words: ['/-(type|query|q|querytype|timeout|retry|class)=[A-Za-z0-9]+/', '/-debug/'],
    operands: [{ is: 'host' }, { is: 'host', count: 'optional' }],
  },
  {
    program: 'getent',
    subcommands: {
      'passwd group hosts ahosts ahostsv4 ahostsv6 services protocols networks netgroup initgroups aliases ethers rpc':
        { operands: [{ is: 'host', count: 'any' }] },
      'shadow gshadow': { reads: '/etc/shadow /etc/gshadow', operands: [{ is: 'host', count: 'any' }] },
    },
  },
  { program: 'whois', flags: '-a -B -c -d -G -H -I -r', operands: [{ is: 'host', count: 'some' }] },
  {
    program: 'ethtool',
    // Each shows; the same letters in capitals, and -s, set.
    bundles: false,
    flags:
      '-a -c -g -i -k -l -n -P -S -T -m --show-pause --show-coalesce --show-ring --driver --show-features --statistics',
    operands: [{ is: 'name' }],
  },
  {
    program: 'sysctl',
    // An equals sign would set, with or without -w.
    flags: '-a -A -X -b -e -n -N -q --all --binary --ignore --names --values --quiet --deprecated',
    options: { '-r --pattern': 'text' },
    operands: [{ is: '/[A-Za-z0-9_][\\w.\\/:@*-]*/', count: 'any' }],
  },
  {
    program: 'resolvectl',
    flags: '-4 -6 --no-pager',
    bare: true,
    subcommands: {
      'status statistics': { operands: [{ is: 'name', count: 'any' }] },
      query: { operands: [{ is: 'host', count: 'some' }] },
    },
  },
  {
    program: 'networkctl',
    flags: '-a -l -s --all --full --stats --no-pager --no-legend',
    bare: true,
    subcommands: { 'list status lldp': { inherit: true, operands: [{ is: 'name', count: 'any' }] } },
  },
  {
    program: 'nmcli',
    // Not -s, which shows passwords.
    flags: '-t -p -c --terse --pretty --overview -o',
    options: { '-f --fields -g --get-values -m --mode': 'text' },
    bare: true,
    subcommands: {
      'general g': { bare: true, subcommands: { status: {}, hostname: {} } },
      'device dev d': {
        bare: true,
        subcommands: { 'status show': { operands: [{ is: 'name', count: 'optional' }] } },
      },
      'connection con c': {
        bare: true,
        subcommands: { show: { flags: '--active', operands: [{ is: 'text', count: 'any' }] } },
      },
    },
  },
]
