import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { SYSTEMD } from './systemd.ts'

testGrammars(SYSTEMD, {
  systemctl: {
    reads: [
      'systemctl',
      'systemctl status nginx',
      'systemctl status nginx -l --no-pager',
      'systemctl list-units --type=service',
      'systemctl show x -p MainPID --value',
      'systemctl --failed',
      'systemctl is-active a b',
    ],
    runs: [
      'systemctl restart x',
      'systemctl --no-pager stop x',
      'systemctl -H x status',
      'systemctl -M x status',
      'systemctl daemon-reload',
      'systemctl edit x',
      'systemctl --root=x enable y',
      'systemctl set-environment A=b',
      'systemctl kill x',
      'systemctl show-environment x',
    ],
  },
  journalctl: {
    reads: [
      'journalctl',
      'journalctl -u nginx --since "1 hour ago"',
      'journalctl -xe',
      'journalctl -b -1',
      'journalctl -p err -n 50 -o json',
      'journalctl _PID=1',
      'journalctl --disk-usage',
    ],
    runs: [
      'journalctl --vacuum-size=1',
      'journalctl --rotate',
      'journalctl --flush',
      'journalctl --sync',
      'journalctl --cursor-file=x',
      'journalctl -D x',
      'journalctl --file x',
      'journalctl -M x',
      'journalctl --vac-size=1',
      'journalctl --update-catalog',
      'journalctl --setup-keys',
      'journalctl --root=x',
    ],
  },
  dmesg: {
    reads: ['dmesg', 'dmesg -T', 'dmesg --level=err,warn'],
    runs: [
      'dmesg -c',
      'dmesg -C',
      'dmesg -Tc',
      'dmesg --clear',
      'dmesg -n 1',
      'dmesg -D',
      'dmesg -F x',
      'dmesg --console-off',
    ],
  },
  loginctl: {
    reads: ['loginctl', 'loginctl list-sessions', 'loginctl show-user root'],
    runs: ['loginctl terminate-user x', 'loginctl lock-sessions', 'loginctl kill-session 1'],
  },
  timedatectl: {
    reads: ['timedatectl', 'timedatectl status', 'timedatectl list-timezones'],
    runs: ['timedatectl set-time x', 'timedatectl set-ntp false'],
  },
  localectl: { reads: ['localectl', 'localectl status'], runs: ['localectl set-locale x'] },
  hostnamectl: {
    reads: ['hostnamectl', 'hostnamectl status', 'hostnamectl hostname'],
    runs: ['hostnamectl hostname x', 'hostnamectl set-hostname x'],
  },
  'systemd-analyze': {
    reads: ['systemd-analyze', 'systemd-analyze blame', 'systemd-analyze critical-chain x.service'],
    runs: [
      'systemd-analyze set-log-level debug',
      'systemd-analyze log-level debug',
      'systemd-analyze --root=x blame',
    ],
  },
  coredumpctl: {
    reads: ['coredumpctl list', 'coredumpctl info 1'],
    runs: ['coredumpctl debug', 'coredumpctl dump -o x', 'coredumpctl gdb', 'coredumpctl --debugger=x info'],
  },
  service: {
    reads: ['service nginx status', 'service --status-all'],
    runs: [
      'service nginx restart',
      'service nginx',
      'service ../../tmp/x status',
      'service /tmp/x status',
      'service nginx status extra',
    ],
  },
})
