import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { NETWORK } from './network.ts'

testGrammars(NETWORK, {
  ip: {
    reads: [
      'ip a',
      'ip -br a',
      'ip addr show dev eth0',
      'ip -s link show eth0',
      'ip route get 192.0.2.1',
      'ip r',
      'ip neigh',
      'ip netns list',
      'ip -j addr',
      'ip rule list',
      'ip -6 route show table all',
    ],
    runs: [
      'ip link set lo down',
      'ip l s lo down',
      'ip link s',
      'ip addr add 1.2.3.4/8 dev lo',
      'ip a a x dev lo',
      'ip -b x',
      'ip -batch x',
      'ip route add x',
      'ip route flush cache',
      'ip netns exec x ls',
      'ip -n x link',
      'ip neigh flush all',
      'ip route save',
      'ip link xyz',
      'ip addr f dev lo',
    ],
  },
  bridge: {
    reads: ['bridge link', 'bridge fdb show dev eth0'],
    runs: ['bridge fdb add x dev y', 'bridge -b x'],
  },
  tc: {
    reads: ['tc qdisc show', 'tc -s qdisc show dev eth0'],
    runs: ['tc qdisc add dev lo root netem', 'tc -b x'],
  },
  ss: {
    reads: ['ss -tulpn', 'ss -s', "ss -tan state established '( dport = :22 )'"],
    runs: ['ss -K dst x', 'ss -tK', 'ss --kill', 'ss -D x', 'ss -tD x', 'ss -F x', 'ss -N x'],
  },
  netstat: { reads: ['netstat -tulpn', 'netstat -rn'], runs: ['netstat --what'] },
  ifconfig: {
    reads: ['ifconfig', 'ifconfig eth0', 'ifconfig -a'],
    runs: ['ifconfig eth0 up', 'ifconfig eth0 1.2.3.4'],
  },
  route: { reads: ['route -n'], runs: ['route add default x', 'route del x'] },
  arp: { reads: ['arp -an', 'arp host'], runs: ['arp -d x', 'arp -s x y', 'arp -f x'] },
  hostname: {
    reads: ['hostname', 'hostname -f', 'hostname -I'],
    runs: ['hostname evil', 'hostname -F x', 'hostname -b x', 'hostname --file x'],
  },
  ping: {
    reads: ['ping -c 4 192.0.2.1', 'ping -c1 -W2 example.com', 'ping -i 0.5 x'],
    runs: ['ping -f x', 'ping -i 0 x', 'ping -i 0.01 x', 'ping -l 5 x', 'ping -p ff x', 'ping'],
  },
  traceroute: { reads: ['traceroute -n x', 'tracepath x'], runs: ['traceroute -M x y', 'traceroute'] },
  mtr: { reads: ['mtr -r -c 5 x', 'mtr -rw x'], runs: ['mtr x', 'mtr -F x -r', 'mtr -r'] },
  dig: {
    reads: [
      'dig example.com',
      'dig +short example.com A',
      'dig @192.0.2.53 x MX +noall +answer',
      'dig -x 192.0.2.1',
    ],
    runs: ['dig -f x', 'dig -k x', 'dig -p 1 x', 'dig +https x', 'dig +tls-keyfile=x y', 'dig +qrx=1'],
  },
  host: {
    reads: ['host example.com', 'host -t MX x', 'host x 192.0.2.53'],
    runs: ['host -m trace x', 'host'],
  },
  nslookup: { reads: ['nslookup x', 'nslookup -type=MX x 192.0.2.1'], runs: ['nslookup', 'nslookup - x'] },
  getent: {
    reads: ['getent passwd root', 'getent hosts x', 'getent shadow'],
    runs: ['getent', 'getent -s x passwd', 'getent evil'],
  },
  whois: { reads: ['whois example.com'], runs: ['whois -h x y', 'whois -p 1 x', 'whois'] },
  ethtool: {
    reads: ['ethtool eth0', 'ethtool -i eth0', 'ethtool -S eth0'],
    runs: ['ethtool -s eth0 speed 10', 'ethtool -K eth0 tso off', 'ethtool -E eth0', 'ethtool -i eth0 x'],
  },
  sysctl: {
    reads: ['sysctl -a', 'sysctl net.ipv4.ip_forward', 'sysctl -n vm.swappiness'],
    runs: [
      'sysctl -w x=y',
      'sysctl x=y',
      'sysctl -p',
      'sysctl --system',
      'sysctl -n x=y',
      'sysctl -f x',
      'sysctl -aw',
    ],
  },
  resolvectl: {
    reads: ['resolvectl', 'resolvectl status', 'resolvectl query x'],
    runs: ['resolvectl flush-caches', 'resolvectl dns eth0 1.2.3.4'],
  },
  networkctl: {
    reads: ['networkctl', 'networkctl status eth0'],
    runs: ['networkctl down x', 'networkctl reload'],
  },
  nmcli: {
    reads: ['nmcli', 'nmcli device status', 'nmcli con show', 'nmcli -t -f NAME con show'],
    runs: ['nmcli con up x', 'nmcli -s con show x', 'nmcli con delete x', 'nmcli radio wifi off'],
  },
})
