import type { Grammar } from '../grammar.ts'

/** Programs that start the one whose words follow. */
export const WRAPPERS: readonly Grammar[] = [
  {
    program: 'timeout',
    position: 'first',
    flags: '--preserve-status --foreground -v --verbose',
    options: { '-s --signal': 'name', '-k --kill-after': 'number' },
    operands: [{ is: 'number' }],
    runs: 'same',
  },
  {
    program: 'nice',
    position: 'first',
    options: { '-n --adjustment': 'number' },
    runs: 'same',
  },
  {
    program: 'xargs',
    position: 'first',
    flags: '-0 --null -r --no-run-if-empty -t --verbose -x --exit',
    options: { '-n --max-args -P --max-procs -L': 'number', '-d --delimiter -I': 'text' },
    runs: 'more',
  },
  {
    program: 'sudo',
    position: 'first',
    flags: '-n --non-interactive -H --set-home -S --stdin -k --reset-timestamp',
    options: { '-u --user': ['root'], '-p --prompt': 'text' },
    runs: 'other',
  },
]
