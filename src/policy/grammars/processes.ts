import type { Grammar } from '../grammar.ts'

/** What tells of processes. */
export const PROCESSES: readonly Grammar[] = [
  {
    program: 'ps',
    flags:
      '-A -a -d -e -N -c -F -f -H -j -l -L -M -m -P -T -V -w -y -Z --deselect --forest ' +
      '--headers --no-headers --no-heading --version',
    options: {
      '-C -G -g -o -O -u -U --sort --format --user --group': 'text',
      '-p -q': '/[0-9]+([, ]+[0-9]+)*/',
      '-s --pid --ppid': '/[0-9]+(,[0-9]+)*/',
      '-t --tty': 'name',
      '--cols --columns --rows --lines --width': 'number',
    },
    dashless: {
      where: 'any',
      flags: 'TargrxcfhjlnsuvwHLmSXZVe',
      options: { o: 'text', O: 'text', p: '/[0-9]+(,[0-9]+)*/', k: 'text', t: 'name', U: 'text' },
    },
    words: ['/[0-9]+/'],
  },
]
