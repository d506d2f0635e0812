import { posix } from 'node:path'
import { programName } from '../program-name.ts'
import { matchPath } from '../rules/match-path.ts'
import { type PathPattern, parsePathPattern } from '../rules/path-pattern.ts'
import type { CommandPart, Word } from '../understanding.ts'

/**
 * Where reading is more than reading: devices begin something when they are opened (a watchdog resets the machine), queues of the kernel
 * and what others have open lose what was read.
 */
const PLACES = [
  '/dev/*/**',
  '/proc/kmsg',
  '/proc/*/fd/*/**',
  '/proc/*/root/*/**',
  '/proc/*/cwd/*/**',
  '/proc/*/map_files/*',
  '/proc/*/task/*/fd/*/**',
  '/proc/*/task/*/root/*/**',
  '/sys/kernel/debug/**',
  '/sys/kernel/tracing/**',
]
const PATTERNS = PLACES.map((text) => parsePathPattern(text) as PathPattern)
/** The same for a path without wildcards: most are. */
const LITERAL = new RegExp(
  `^(?:${PLACES.map((text) => text.replaceAll('/**', '(?:/.*)?').replaceAll('/*', '/[^/]+')).join('|')})$`,
)

const ROOTS = new Set(['dev', 'proc', 'sys'])

/** Of /dev: what holds nothing, what the command has open itself, memory that is files, and disks. */
const PLAIN =
  /^\/dev\/(?:null|zero|full|u?random|stdin|stdout|stderr|fd\/\d+|shm\/[^*?[]+|mapper\/[^/*?[]+|disk\/[^*?[]+|(?:sd|hd|vd|xvd|nvme|mmcblk|md|dm-|loop|sr|zd|nbd|rbd|zram)[\w-]*)$/

/** They say what is there, and open nothing but directories. */
const LOOKING = new Set(
  'ls dir vdir find stat test [ du df tree readlink realpath basename dirname namei getfacl lsattr getcap lsof fuser findmnt which whereis echo printf'.split(
    ' ',
  ),
)

/** The same part, of class `run` when it may open what does something by that. `found` stands for files that were found below its paths. */
export function openedPart(part: CommandPart, found: Word): CommandPart {
  if (part.class !== 'read' || part.reads === undefined || isLooking(part)) return part
  const below = part.argv.includes(found)
  const why = whyOpened(part.reads, below)
  // guard: reading-is-only-reading
  if (why === undefined) return part
  return { argv: part.argv, class: 'run', why }
}

function isLooking({ argv: [program] }: CommandPart): boolean {
  const name = program?.kind === 'text' ? programName(program.text) : undefined
  return name !== undefined && LOOKING.has(name)
}

/** Why opening these is more than reading; undefined where it is not. `below`: anything below them is opened. */
export function whyOpened(paths: readonly string[], below = false): string | undefined {
  const place = paths.find((path) => doesSomething(path, below))
  return place === undefined ? undefined : `reading ${place} may do something by itself`
}

/** A path that begins nowhere known is one of the login's own. */
function doesSomething(path: string, below: boolean): boolean {
  if (!path.startsWith('/')) return false
  // What is above a link of /proc is not what the text says.
  const whole = path.startsWith('/proc/') ? path : posix.normalize(path)
  // Most paths begin elsewhere.
  const first = whole.split('/', 2)[1] ?? ''
  const isElsewhere = first === '' ? !below : !/[*?[\\]/.test(first) && !ROOTS.has(first)
  if (isElsewhere || (!below && PLAIN.test(whole))) return false
  if (!below && !/[*?[\\]/.test(whole)) return LITERAL.test(whole)
  return PATTERNS.some((pattern) => matchPath(pattern, { path: whole, isGlob: true, below }) !== 'no')
}
