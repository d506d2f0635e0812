import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { createLog } from './log.ts'

test.each(['text', 'json'] as const)(
  'a line holds no credential, neither in its words nor in its fields (%s)',
  (format) => {
    const lines: string[] = []
    const redact = (text: string) => text.replaceAll('hunter2', '[redacted]')
    const log = createLog({ level: 'INFO', format, redact }, new ManualClock(), (line) => lines.push(line))
    log.warn('sign-in with hunter2 failed', { cause: 'password hunter2 is wrong', tries: 3 })
    expect(lines.join('')).not.toContain('hunter2')
    expect(lines.join('').match(/\[redacted\]/g)).toHaveLength(2)
    expect(lines.join('')).toContain('is wrong')
  },
)
