import { execFileSync } from 'node:child_process'

/** The processes of this machine (it is the host of the tests) whose command line holds `mark`. */
export function processesWith(mark: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => line.includes(mark) && !line.includes(' ps -eo'))
}
