import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { PROGRAM } from '../kit/product.ts'

test.each(['config schema', 'config reference'])(
  '%s into a program that has had enough ends quietly, and whole into one that reads on',
  (command) => {
    const into = (reader: string) =>
      spawnSync(
        'bash',
        [
          '-c',
          `"$0" "$1" ${command} | ${reader}; echo "ended: \${PIPESTATUS[0]}"`,
          process.execPath,
          PROGRAM,
        ],
        {
          encoding: 'utf8',
        },
      )
    // It reads nothing, and is gone when the first byte comes.
    expect(into('true')).toMatchObject({ stdout: 'ended: 0\n', stderr: '' })
    const whole = into('wc -c')
    expect(whole.stderr).toBe('')
    expect(Number.parseInt(whole.stdout, 10)).toBeGreaterThan(10_000)
  },
)

test('what cannot be written is told in one sentence', () => {
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', '"$0" "$1" config schema > /dev/full', process.execPath, PROGRAM],
    {
      encoding: 'utf8',
    },
  )
  expect([status, stderr]).toEqual([1, 'standard output cannot be written: ENOSPC\n'])
})

test('whoever reads both outputs and has had enough ends it quietly', () => {
  const { stdout } = spawnSync(
    'bash',
    [
      '-c',
      `"$0" "$1" validate nosuch.yaml 2>&1 | true; echo "ended: \${PIPESTATUS[0]}"`,
      process.execPath,
      PROGRAM,
    ],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('ended: 2\n')
})
