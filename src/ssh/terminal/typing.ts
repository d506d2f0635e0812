import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { TerminalInput } from '../../domain/terminal.ts'
import { KEY_NAMES, type KeyModes, keyBytes } from './keys.ts'

/** One call types at most so much. A line that a shell reads itself holds 4,096 bytes. */
const MOST_BYTES = 64 * 1024

const NO_MODES: KeyModes = { applicationCursor: false }

/** C0 but tab and line ends, DEL and C1: what looks like text and acts like keys is refused. */
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/

/** Undefined when all of it can be typed; nothing is typed of an input that cannot be typed whole. */
export function refusalOfInput(host: HostName, input: readonly TerminalInput[]): NotStarted | undefined {
  for (const one of input) {
    if (one.kind === 'text') {
      const control = CONTROL.exec(one.text)?.[0]
      if (control !== undefined) return refused(host, `text holds ${codeOf(control)}: give it as a key`)
    } else if (keyBytes(one.key, NO_MODES) === undefined)
      return refused(host, `no such key: ${JSON.stringify(one.key)}. There are ${KEY_NAMES}`)
  }
  const bytes = input.reduce((sum, one) => sum + Buffer.byteLength(typed(one, NO_MODES)), 0)
  return bytes > MOST_BYTES
    ? refused(host, `one call types at most ${MOST_BYTES} bytes, not ${bytes}`)
    : undefined
}

/** A line end in a text is what the Enter key sends; programs in raw mode tell it from a line feed. */
export function typed(input: TerminalInput, modes: KeyModes): string {
  return input.kind === 'text' ? input.text.replace(/\r\n|\n/g, '\r') : (keyBytes(input.key, modes) ?? '')
}

export function refused(host: HostName, why: string): NotStarted {
  return { kind: 'not_started', code: 'bad_request', message: `${host}: ${why}. Nothing was typed.` }
}

function codeOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
