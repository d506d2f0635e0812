import type { Answer } from '../../domain/answer.ts'
import { mapTexts } from '../map-texts.ts'
import { cleanText } from './clean.ts'
import { labelled, REDACTED, type Redactor } from './redactor.ts'

/** Members that were cleaned where they were made, with what was done to them counted. All of them are long, or many. */
const CLEANED: Readonly<Partial<Record<Answer['kind'], readonly string[]>>> = {
  ran: ['stdout', 'stderr', 'output'],
  command_output: ['text'],
  facts: ['facts'],
  ran_on_hosts: ['groups'],
  file_read: ['content'],
  file_changed: ['diff'],
  directory_listed: ['entries', 'unreadable'],
  transferred: ['skipped'],
  // Whoever verifies these needs each byte; secrets were taken out of them, and what nobody sees was escaped, when they were recorded.
  recording_cast: ['page'],
  audit_found: ['records'],
  audit_record: ['record'],
  audit_exported: ['records'],
  // The call is what a confirmation is about: not a byte of it may differ.
  waiting_approval: ['call'],
  terminal_opened: ['lines'],
  terminal_used: ['lines'],
}

/**
 * The answer with every other text in it cleaned: paths, names, reasons, and the caller's own command. A secret in them is no host's to
 * give, so there is no handle for it. The same object where nothing had to be done.
 */
export function cleanAnswer(answer: Answer, redactor: Redactor): Answer {
  const plain = labelled(redactor, () => REDACTED)
  // guard: clean-beside-output
  return mapTexts(answer, new Set(CLEANED[answer.kind]), (text) => cleanText(text, plain).text)
}
