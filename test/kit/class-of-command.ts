import type { Understanding } from '../../src/policy/understanding.ts'

/** The class that decides about a command as a whole: `read` only when every part is, and it is run as it was understood. */
export function classOf(understanding: Understanding): 'read' | 'run' | 'sudo' {
  if (understanding.kind === 'opaque') return 'run'
  const classes = new Set(understanding.parts.map((part) => part.class))
  if (classes.has('sudo')) return 'sudo'
  return classes.has('run') || understanding.script === undefined ? 'run' : 'read'
}
