import type { Grammars } from '../grammar.ts'
import type { CommandPart, Understanding } from '../understanding.ts'
import { Opaque } from './opaque.ts'
import type { Plan } from './plan.ts'
import { loosened } from './program-parts.ts'
import { refusalOfText } from './refused-text.ts'
import { Walk } from './walk.ts'
import { writeScript } from './write-script.ts'

/** Longer ones do not fit into one argument of a program, with what is put before them. */
const MOST_SCRIPT_BYTES = 100_000

/**
 * What is known of a command, from its text alone. Takes at most 50 ms for anything up to 64 KB; longer or deeper ones are opaque. Never
 * throws. Without a `script`, nothing in it is of class `read`.
 */
export function understand(command: string, grammars: Grammars): Understanding {
  const refusal = refusalOfText(command)
  if (refusal !== undefined) return { kind: 'opaque', why: refusal }
  try {
    const walk = new Walk(command, grammars)
    const plan = walk.run()
    if (walk.parts.length === 0) return { kind: 'opaque', why: 'there is nothing in it to run' }
    // What is written out is run by a shell of its own, which would go there and end.
    if (walk.parts.every(isCd)) walk.block('it only goes to another directory')
    const script = plan && walk.blocked === undefined ? writtenOut(walk, plan) : undefined
    if (script !== undefined) return { kind: 'understood', parts: walk.parts, script }
    const why = `only the host's own shell can run it: ${walk.blocked ?? 'it is not known why'}`
    // guard: only-scripts-are-read
    const parts = walk.parts.map((part) => loosened(part.class === 'read' ? { ...part, why } : part))
    return { kind: 'understood', parts }
  } catch (fault) {
    if (fault instanceof Opaque) return { kind: 'opaque', why: fault.message }
    // Deeper than this machine's stack.
    if (fault instanceof RangeError) return { kind: 'opaque', why: 'it is nested too deeply' }
    throw fault
  }
}

function isCd({ argv: [program] }: CommandPart): boolean {
  return program?.kind === 'text' && program.text === 'cd'
}

function writtenOut(walk: Walk, plan: Plan): string | undefined {
  const script = writeScript(plan)
  return Buffer.byteLength(script) > MOST_SCRIPT_BYTES
    ? walk.block('it is too long when it is written out')
    : script
}
