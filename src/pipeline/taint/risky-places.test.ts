import { describe, expect, test } from 'vitest'
import { withRoom } from '../../../test/kit/room.ts'
import { RiskyPlaces } from './risky-places.ts'

const places = new RiskyPlaces(['/srv/uploads/'])

describe('a command that shows what others may have written', () => {
  test.each([
    ['cat /tmp/note.txt', '/tmp'],
    ['cat "/tmp/a b"', '/tmp'],
    ['cat </tmp/x', '/tmp'],
    ['ls /tmp', '/tmp'],
    ['grep --file=/var/tmp/patterns x', '/var/tmp'],
    ['tail -n 50 /var/log/nginx/access.log | grep 500', '/var/log'],
    ['cd /var/log; cat syslog', '/var/log'],
    ['strings /dev/shm/x', '/dev/shm'],
    ['head /srv/uploads/report.txt', '/srv/uploads'],
    ['sort <(cat /var/mail/root)', '/var/mail'],
  ])('is known by its place: %s', (command, place) => {
    expect(places.inCommand(command)).toBe(`what stands below ${place}, where others write`)
  })

  test.each([
    ['curl -s https://example.com/readme', 'curl'],
    ['journalctl -u nginx -n 20', 'journalctl'],
    ['x=$(wget -qO- https://example.com)', 'wget'],
    ['sudo journalctl -k', 'journalctl'],
    ['/usr/bin/curl x', 'curl'],
    ['docker  logs web', 'docker  logs'],
    ['kubectl logs -n prod web-0', 'kubectl logs'],
  ])('is known by its program: %s', (command, program) => {
    expect(places.inCommand(command)).toBe(`what ${program} printed`)
  })

  test.each([
    'cat /etc/hostname',
    'cat /srv/tmp/x',
    'cat /home/me/tmp/x',
    'ls /tmpfiles',
    'ls /var/logs',
    'cat /etc/curlrc /opt/wget.d/x',
    'make >/tmp/build.log',
    'make 2> /tmp/build.log',
    'systemctl status journalctl-upload.service',
    'docker ps',
    'kubectl get pods',
    'cat /srv/uploads.txt',
  ])('and no other is: %s', (command) => {
    expect(places.inCommand(command)).toBeUndefined()
  })

  test('is known by where it runs, when it names its files from there', () => {
    expect(places.inCommand('tail syslog', '/var/log/apt')).toContain('/var/log')
    expect(places.inCommand('tail syslog', '/home/me')).toBeUndefined()
  })

  test('takes no time, however long it is', () => {
    const long = `${'/tm '.repeat(16_000)} ${'>'.repeat(16_000)}${' '.repeat(16_000)}/tmp`
    const startedMs = performance.now()
    places.inCommand(long)
    expect(performance.now() - startedMs).toBeLessThan(withRoom(200))
  })
})

test('a path is known by the directory it stands in', () => {
  expect(places.ofPath('/tmp/x')).toBe('/tmp/x, where others write')
  expect(places.ofPath('/srv/uploads')).toBe('/srv/uploads, where others write')
  expect(places.ofPath('/tmpx')).toBeUndefined()
  expect(places.ofPath('/etc/passwd')).toBeUndefined()
})
