import type { Answer } from '../domain/answer.ts'
import type { Done } from './carry-out.ts'
import type { Redactor } from './redaction/redactor.ts'
import { shapeFacts } from './shape-facts.ts'
import { shapeFile } from './shape-file.ts'
import { shapeTerminal } from './shape-terminal.ts'

interface Shaping {
  readonly redactor: Redactor
  readonly limits: { readonly answerBytes: number }
}

/** What was done as the caller may see it. Commands are shaped where their output is (`commands/`). */
export function shape(done: Done, { redactor, limits }: Shaping): Answer {
  switch (done.kind) {
    case 'not_started':
      return { kind: 'failed', code: done.code, message: done.message }
    case 'facts':
      return { kind: 'facts', facts: shapeFacts(done.facts, { redactor }) }
    case 'file_read':
    case 'directory_listed':
    case 'file_changed':
    case 'file_unknown':
    case 'transferred':
    case 'link_made':
      return shapeFile(done, redactor, limits.answerBytes)
    case 'terminal_opened':
    case 'terminal_used':
      return shapeTerminal(done, redactor, limits.answerBytes)
    case 'answered':
      return done.answer
    case 'ran':
    case 'left_running':
      throw new TypeError('a command is not carried out like other actions')
    default:
      return done
  }
}
