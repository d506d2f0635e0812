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
    program: 'ionice',
    position: 'first',
    flags: '-t --ignore',
    options: { '-c --class -n --classdata': 'number' },
    runs: 'same',
  },
  {
    program: 'stdbuf',
    position: 'first',
    options: { '-i --input -o --output -e --error': '/[0-9]+[kKMG]?|L/' },
    runs: 'same',
  },
  { program: 'nohup', position: 'first', runs: 'same' },
  // What it sets makes the program that it starts uncertain. Alone it would tell of an environment that is not the login's.
  { program: 'env', position: 'first', flags: '-i --ignore-environment -0 --null', runs: 'same' },
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
  { program: 'doas', position: 'first', flags: '-n', options: { '-u': ['root'] }, runs: 'other' },
]
