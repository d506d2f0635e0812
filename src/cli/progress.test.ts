import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { counted, ProgressLine, progressText } from './progress.ts'

class Screen {
  columns = 60
  written: string[] = []
  write(text: string): void {
    this.written.push(text)
  }
}

function lineOn(screen: Screen) {
  const clock = new ManualClock()
  return { clock, line: new ProgressLine({ label: 'Verifying', unit: 'records' }, screen, clock) }
}

test('how far work is, how fast it goes and how long it still takes stands on one line that is written over', async () => {
  const screen = new Screen()
  screen.columns = 100
  const { clock, line } = lineOn(screen)
  line.at(100_000, 400_000)
  await clock.advance(1_000)
  line.at(200_000, 400_000)
  await clock.advance(1_000)
  line.end()
  expect(screen.written.slice(-2)).toEqual([
    '\r\u001b[2KVerifying: 50% (200,000 of 400,000 records), 100,000/s, 2 s left',
    '\r\u001b[2K',
  ])
  expect(screen.written.join('')).not.toContain('\n')
})

test('work that is done at once shows nothing', async () => {
  const screen = new Screen()
  const { clock, line } = lineOn(screen)
  line.at(1, 2)
  await clock.advance(200)
  line.at(2, 2)
  line.end()
  expect(screen.written).toEqual([])
})

test('the line is never longer than the terminal is wide, and what is worked on cannot steer it', async () => {
  const screen = new Screen()
  const { clock, line } = lineOn(screen)
  line.at(1, 3, `\u001b[2J${'x'.repeat(200)}`)
  await clock.advance(1_000)
  line.end()
  const [drawn = ''] = screen.written.filter((text) => text.includes('of 3'))
  expect(drawn.replace('\r\u001b[2K', '')).toHaveLength(59)
  expect(drawn.slice('\r\u001b[2K'.length)).not.toContain('\u001b')
})

test('what is written meanwhile stands on a clean line', async () => {
  const screen = new Screen()
  const { clock, line } = lineOn(screen)
  await clock.advance(1_000)
  line.at(1, 3)
  line.aside(() => screen.write('✔ web-01\n'))
  line.end()
  expect(screen.written.slice(-2)).toEqual(['\r\u001b[2K', '✔ web-01\n'])
})

test('nothing is drawn once it has ended, however much time goes by', async () => {
  const screen = new Screen()
  const { clock, line } = lineOn(screen)
  await clock.advance(1_000)
  line.end()
  const before = screen.written.length
  await clock.advance(1_000)
  line.at(3, 3)
  expect(screen.written).toHaveLength(before)
})

test('a reader that has had enough takes the line away too', async () => {
  const told: string[] = []
  const progress = {
    at: (done: number) => told.push(`at ${done}`),
    aside: () => undefined,
    end: () => told.push('end'),
  }
  async function* pages() {
    yield [1, 2]
    yield [3]
  }
  for await (const page of counted(pages(), progress, ({ length }) => length, 3)) if (page.length === 1) break
  expect(told).toEqual(['at 2', 'end'])
})

test.each([
  [{ label: 'Restoring a.db' }, undefined, 61_000, 'Restoring a.db: 1 min 1 s'],
  [
    { label: 'Doctor', unit: 'hosts' },
    [0, undefined, 'replaying claude'],
    2_000,
    'Doctor: 2 s · replaying claude',
  ],
  [
    { label: 'Testing', unit: 'hosts' },
    [1, 10, 'web-02'],
    2_000,
    'Testing: 10% (1 of 10 hosts), 2 s, 18 s left · web-02',
  ],
  [
    { label: 'Exporting', unit: 'MiB' },
    [52_428_800, 104_857_600],
    2_000,
    'Exporting: 50% (50.0 of 100.0 MiB), 25.0/s, 2 s left',
  ],
  [{ label: 'Exporting', unit: 'records' }, [0, 0], 2_000, 'Exporting: 100% (0 of 0 records), 2 s'],
] as const)('%o %o reads as it should', (settings, now, tookMs, text) => {
  const [done = 0, total, what] = now ?? []
  expect(progressText(settings, now && { done, total, what }, tookMs)).toBe(text)
})
