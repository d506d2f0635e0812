import { describe, expect, test } from 'vitest'
import type { Place } from './match-path.ts'
import { parsePathPattern } from './path-pattern.ts'
import { SENSITIVE_PLACES, sensitivity } from './sensitive-places.ts'

const home = '/home/ada'
const told = (path: string): Place => ({ path, home })

const sensitive = [
  '~/.ssh/authorized_keys',
  '/home/ada/.ssh/authorized_keys',
  '/home/ada/.ssh/config',
  '/root/.ssh/authorized_keys',
  '/srv/keys/authorized_keys',
  '/etc/ssh/sshd_config.d/x.conf',
  '/etc/cron.d/x',
  '/etc/cron.daily/x',
  '/etc/crontab',
  '/var/spool/cron/crontabs/root',
  '/etc/systemd/system/x.service',
  '/etc/systemd/system/x.service.d/override.conf',
  '/home/ada/.config/systemd/user/x.service',
  '/usr/lib/systemd/system/x.timer',
  '/etc/init.d/x',
  '/etc/rc3.d/S01x',
  '/etc/rc.local',
  '/etc/sudoers',
  '/etc/sudoers.d/x',
  '/etc/polkit-1/rules.d/x.rules',
  '/home/ada/.bashrc',
  '~/.profile',
  '/home/ada/.bash_profile',
  '/home/ada/.zshrc',
  '/home/ada/.zshenv',
  '/home/ada/.config/fish/config.fish',
  '/etc/profile',
  '/etc/profile.d/x.sh',
  '/etc/bash.bashrc',
  '/etc/environment',
  '/etc/ld.so.preload',
  '/etc/ld.so.conf.d/x.conf',
  '/etc/pam.d/sshd',
  '/etc/security/limits.conf',
  '/lib/x86_64-linux-gnu/security/pam_unix.so',
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/etc/nsswitch.conf',
  '/etc/udev/rules.d/x.rules',
  '/etc/modprobe.d/x.conf',
  '/etc/logrotate.d/x',
  '/etc/apt/apt.conf.d/x',
  '/usr/bin/ls',
  '/usr/local/bin/x',
  '/boot/vmlinuz',
  '/proc/sys/kernel/core_pattern',
  '/sys/kernel/x',
  '/dev/sda',
]

const ordinary = [
  '/srv/app/config.yml',
  '/home/ada/notes.txt',
  '~/project/main.py',
  '/etc/nginx/nginx.conf',
  '/etc/hosts',
  '/var/www/html/index.html',
  '/var/log/app.log',
  '/opt/app/bin/start',
  '/tmp/x',
  '/home/ada/ssh/notes',
  '/srv/app/crontab.md',
  '/home/ada/bashrc',
]

describe('what gives power over a host', () => {
  test.each(sensitive)('%s', (path) => {
    expect(sensitivity(told(path))).toBeDefined()
  })

  test.each(ordinary)('%s does not', (path) => {
    expect(sensitivity(told(path))).toBeUndefined()
  })

  test('as long as nobody knows where the home is, it may be anywhere', () => {
    expect(sensitivity({ path: '/srv/www/.ssh/config' })).toBe('decides who may sign in')
    expect(sensitivity({ path: '/srv/www/.ssh/config', home })).toBeUndefined()
  })

  test.each(['/srv/../x', '/proc/self/root/srv/x', '~bob/x'])('%s may be it', (path) => {
    expect(sensitivity({ path })).toBeDefined()
  })

  test('every entry of the table is a pattern', () => {
    const texts: readonly string[] = Object.values(SENSITIVE_PLACES).flat()
    expect(texts.filter((text) => typeof parsePathPattern(text) === 'string')).toEqual([])
    expect(new Set(texts).size).toBe(texts.length)
  })
})
