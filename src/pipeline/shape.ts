import type { Answer } from '../domain/answer.ts'
import type { Done } from './carry-out.ts'
import type { Redactor } from './redact.ts'
import { shapeFacts } from './shape-facts.ts'

/** What was done as the caller may see it. Commands are shaped where their output is (`commands/`). */
export function shape(done: Done, { redactor }: { readonly redactor: Redactor }): Answer {
  switch (done.kind) {
    case 'not_started':
      return { kind: 'failed', code: done.code, message: done.message }
    case 'facts':
      return { kind: 'facts', facts: shapeFacts(done.facts, { redactor }) }
    case 'file_read':
    case 'directory_listed':
    case 'file_changed':
    case 'transferred':
    case 'link_made':
      return { ...done, redactions: 0 }
    case 'terminal_used':
      return { ...done, redactions: 0 }
    case 'ran':
    case 'left_running':
      throw new TypeError('a command is not carried out like other actions')
    default:
      void redactor
      return done
  }
}
