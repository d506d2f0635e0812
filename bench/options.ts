import { parseArgs } from 'node:util'
import { ROWS } from './rows/list.ts'
import type { StageOptions } from './stage.ts'

export interface Options extends StageOptions {
  readonly rows: typeof ROWS
  /** Where the results are written. */
  readonly outDirectory: string
}

export const HELP = `npm run bench [-- OPTIONS]

Measures the bridge beside raw ssh2, OpenSSH and the servers that the field uses most, all in one run, so that ratios count.
Prints a table for each row and writes the figures as JSON and as one page with plots.

  --only NAMES     these rows alone, with commas between
  --rounds N       calls of each contender where a call is short (200); longer work in proportion
  --heavy          also the rows that take minutes and gigabytes of disk
  --heavy-mb N     how much each of the fifty commands of \`heavy\` prints, in MB (1000)
  --no-peers       without the servers from npm: nothing is downloaded
  --against DIRECTORY  another checkout of the bridge, for rows that compare the two
  --out DIRECTORY  where the results go (bench/results)
  --help           this

Rows:
${ROWS.map(({ name, title, isHeavy }) => `  ${name.padEnd(8)} ${title}${isHeavy ? ' (with --heavy)' : ''}`).join('\n')}`

/** What the command line asks for; a text that says what is wrong with it otherwise. */
export function parseOptions(args: readonly string[]): Options | 'help' | { readonly wrong: string } {
  const flags = readFlags(args)
  if (flags instanceof Error) return { wrong: flags.message }
  if (flags.help) return 'help'
  const [rounds, heavyMb] = [Number(flags.rounds), Number(flags['heavy-mb'])]
  if (!(Number.isInteger(rounds) && rounds > 0)) return { wrong: '--rounds takes a whole number from 1' }
  if (!(Number.isInteger(heavyMb) && heavyMb > 0)) return { wrong: '--heavy-mb takes a whole number from 1' }
  const names = flags.only?.split(',').map((name) => name.trim())
  const unknown = names?.filter((name) => !ROWS.some((row) => row.name === name)) ?? []
  if (unknown.length > 0) {
    return { wrong: `no row ${unknown.join(', ')}; there are ${ROWS.map(({ name }) => name).join(', ')}` }
  }
  return {
    rounds,
    rows: ROWS.filter(({ name, isHeavy }) => names?.includes(name) ?? (!isHeavy || flags.heavy)),
    peers: !flags['no-peers'],
    heavyBytes: heavyMb * 1_000_000,
    outDirectory: flags.out,
    ...(flags.against !== undefined && { against: flags.against }),
  }
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '200' },
        heavy: { type: 'boolean', default: false },
        'heavy-mb': { type: 'string', default: '1000' },
        'no-peers': { type: 'boolean', default: false },
        out: { type: 'string', default: 'bench/results' },
        against: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
