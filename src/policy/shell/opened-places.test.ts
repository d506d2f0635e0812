import { describe, expect, test } from 'vitest'
import { classOf } from '../../../test/kit/class-of-command.ts'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import { understand } from './understand.ts'

const GRAMMARS = grammarsOf(BUILT_IN)

describe('reading what does something by being read', () => {
  test.each([
    ['a watchdog', 'cat /dev/watchdog'],
    ['a tape', 'head -c 1 /dev/st0'],
    ['a terminal', 'cat < /dev/tty1'],
    ['the queue of the kernel', 'cat /proc/kmsg'],
    ['what another process has open', 'cat /proc/1/fd/0'],
    ['a way around', 'cat /proc/self/root/dev/watchdog'],
    ['a way back', 'cat /etc/../dev/watchdog'],
    ['whatever is there', 'cat /dev/w*'],
    ['whatever is anywhere', 'cat /*/watchdog'],
    ['it behind a change of directory', 'cd /dev && cat watchdog'],
    ['it as a pattern', 'grep x /dev/tty1'],
    ['it among what is found', 'find /dev -name watchdog -exec cat {} \\;'],
    ['it somewhere', 'find / -name watchdog -exec cat {} +'],
    ['it from where one is', 'cd /dev && find . -exec head {} \\;'],
    ['what traces', 'cat /sys/kernel/tracing/trace_pipe'],
  ])('%s is more than reading', (_, command) => {
    expect(classOf(understand(command, GRAMMARS))).toBe('run')
  })

  test.each([
    ['looking at it', 'ls -l /dev/watchdog /proc/1/fd'],
    ['finding it', 'find /dev -name "tty*" -type c'],
    ['looking at what is found', 'find / -xdev -type f -size +100M -exec ls -lh {} \\;'],
    ['a disk', 'fdisk -l /dev/sda'],
    ['a volume', 'blkid /dev/mapper/vg-root /dev/nvme0n1p1'],
    ['nothing', 'cat /dev/null'],
    ['its own input', 'cat /dev/stdin'],
    ['what is found elsewhere', 'find /etc -name "*.conf" -exec grep -l listen {} +'],
    ['all below where it looks', 'grep -r x /'],
    ['what the kernel tells', 'cat /proc/cpuinfo /proc/1/status /sys/class/net/lo/mtu'],
  ])('%s is reading', (_, command) => {
    expect(classOf(understand(command, GRAMMARS))).toBe('read')
  })
})
