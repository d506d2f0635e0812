import { describe, expect, test } from 'vitest'
import { NOTHING_CLEANED } from '../domain/cleaned.ts'
import { commandIdOf } from '../domain/command.ts'
import type { FanOutGroup, FanOutReport } from '../domain/fan-out.ts'
import { hostName } from '../domain/host.ts'
import { wireFanOut } from './wire-fan-out.ts'

const hosts = Array.from({ length: 200 }, (_, index) => hostName(`web-${String(index + 1).padStart(3, '0')}`))
const commands = hosts.map((host) => commandIdOf({ id: `call_${host}` }))
const all: FanOutGroup = {
  hosts,
  commands,
  result: { kind: 'exited', code: 0 },
  output: 'up\n',
  outputBytes: 3,
  truncated: false,
}
const report: FanOutReport = {
  command: 'uptime',
  selected: 200,
  counts: { succeeded: 200, failed: 0, unreachable: 0, denied: 0, cancelled: 0, unknown: 0, skipped: 0 },
  groups: [all],
  omittedGroups: 0,
  omittedHosts: [],
  skippedHosts: [],
  cleaned: NOTHING_CLEANED,
  durationMs: 600,
}

describe('many hosts on the wire', () => {
  test('200 hosts of which the same came out take a line, and one handle of them reads it', () => {
    const wire = wireFanOut(report)
    expect(wire).toMatchObject({ success: true, selected: 200, omitted_groups: 0, skipped: [] })
    expect(wire.groups).toEqual([
      {
        hosts: ['web-[001-200]'],
        count: 200,
        outcome: 'exited',
        success: true,
        exit_status: 0,
        signal: null,
        output: 'up\n',
        output_bytes: 3,
        truncated: false,
        command_ids: commands.slice(0, 20),
      },
    ])
    expect(JSON.stringify(wire).length).toBeLessThan(1_500)
  })

  test('what was not run has the code and sentence of its error, and no handle', () => {
    const result = { kind: 'unreachable', code: 'host_unreachable', reason: 'HOST did not answer.' } as const
    const wire = wireFanOut({ ...report, groups: [{ ...all, result }] })
    expect(wire.groups[0]).toMatchObject({
      outcome: 'unreachable',
      success: false,
      exit_status: null,
      code: 'host_unreachable',
      reason: 'HOST did not answer.',
      command_ids: [],
    })
  })

  test('an exit status is no error code', () => {
    const wire = wireFanOut({ ...report, groups: [{ ...all, result: { kind: 'exited', code: 3 } }] })
    expect(wire.groups[0]).toMatchObject({ exit_status: 3, success: false })
    expect(wire.groups[0]).not.toHaveProperty('code')
  })

  test('a host that failed, was refused or left out makes the whole no success', () => {
    for (const kind of ['failed', 'unreachable', 'denied', 'cancelled', 'unknown', 'skipped'] as const) {
      const counts = { ...report.counts, succeeded: 199, [kind]: 1 }
      expect(wireFanOut({ ...report, counts }).success).toBe(false)
    }
  })

  test('handles of what is not shown are bounded, and counted', () => {
    const omittedHosts = hosts.concat(hosts).map((host) => ({ host, command: commandIdOf({ id: 'call_x' }) }))
    const wire = wireFanOut({ ...report, omittedGroups: 400, omittedHosts })
    expect(wire).toMatchObject({ omitted_groups: 400, omitted: { length: 200 } })
    expect(wire.omitted[0]).toEqual({ host: 'web-001', command_id: 'cmd_x' })
  })
})
