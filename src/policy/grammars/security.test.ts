import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { SECURITY } from './security.ts'

testGrammars(SECURITY, {
  iptables: {
    reads: ['iptables -L', 'iptables -nvL INPUT --line-numbers', 'iptables -t nat -S'],
    runs: [
      'iptables -F',
      'iptables -nvLZ',
      'iptables -L -Z',
      'iptables -A INPUT -j DROP',
      'iptables -L --modprobe=x',
      'iptables -L -M x',
      'iptables',
    ],
  },
  'iptables-save': {
    reads: ['iptables-save', 'iptables-save -t nat'],
    runs: ['iptables-save -f x', 'iptables-save -M x'],
  },
  nft: {
    reads: ['nft list ruleset', 'nft -a list table inet filter'],
    runs: [
      'nft flush ruleset',
      "nft 'list ruleset; flush ruleset'",
      'nft list ruleset \\; flush ruleset',
      'nft -f x',
      'nft -c -f x',
      'nft -i',
      'nft',
      "nft list 'ruleset\nflush ruleset'",
    ],
  },
  ufw: {
    reads: ['ufw status', 'ufw status verbose'],
    runs: ['ufw enable', 'ufw status enable', 'ufw --force reset', 'ufw'],
  },
  'firewall-cmd': {
    reads: ['firewall-cmd --state', 'firewall-cmd --zone=public --list-all'],
    runs: [
      'firewall-cmd --reload',
      'firewall-cmd --list-all --add-port=1/tcp',
      'firewall-cmd --panic-on',
      'firewall-cmd --permanent --add-service=x',
    ],
  },
  'fail2ban-client': {
    reads: ['fail2ban-client status', 'fail2ban-client status sshd'],
    runs: [
      'fail2ban-client stop',
      'fail2ban-client set x y',
      'fail2ban-client -s x status',
      'fail2ban-client',
      'fail2ban-client reload',
    ],
  },
  getenforce: { reads: ['getenforce'], runs: ['setenforce 0'] },
  sestatus: { reads: ['sestatus -v'], runs: ['sestatus x'] },
  getsebool: { reads: ['getsebool -a'], runs: ['setsebool x on'] },
  'aa-status': { reads: ['aa-status'], runs: ['aa-complain x'] },
  ausearch: {
    reads: ['ausearch -m avc -ts recent', 'ausearch -k x -i'],
    runs: ['ausearch --checkpoint x', 'ausearch -if x'],
  },
  aureport: { reads: ['aureport --summary', 'aureport -au'], runs: ['aureport -if x'] },
  auditctl: {
    reads: ['auditctl -l', 'auditctl -s'],
    runs: ['auditctl -D', 'auditctl -e 0', 'auditctl -l -D', 'auditctl', 'auditctl -R x'],
  },
  faillock: {
    reads: ['faillock', 'faillock --user ann'],
    runs: ['faillock --user x --reset', 'faillock --dir x'],
  },
})
