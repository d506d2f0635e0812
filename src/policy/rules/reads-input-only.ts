import { programName } from '../program-name.ts'
import type { CommandPart } from '../understanding.ts'

/** Programs that read their standard input, and nothing else, when no file is named to them: what a pipeline is made of. */
const FILTERS = new Set([
  'base64',
  'cat',
  'column',
  'comm',
  'cut',
  'echo',
  'egrep',
  'expand',
  'false',
  'fgrep',
  'fmt',
  'fold',
  'grep',
  'head',
  'hexdump',
  'jq',
  'md5sum',
  'nl',
  'od',
  'paste',
  'printf',
  'rev',
  'sha1sum',
  'sha256sum',
  'sha512sum',
  'sort',
  'strings',
  'tac',
  'tail',
  'tr',
  'true',
  'uniq',
  'wc',
  'xxd',
])

/** Whether a part of class `read` that names no path reads nothing of the host by itself: `grep` behind a pipe does not, `ps` does. */
export function readsInputOnly({ argv: [program], reads = [] }: CommandPart): boolean {
  const name = program?.kind === 'text' ? programName(program.text) : undefined
  return reads.length === 0 && name !== undefined && FILTERS.has(name)
}
