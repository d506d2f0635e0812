import { createHash } from 'node:crypto'
import type { Action } from '../../domain/call.ts'
import type { RestoreFileAction, TransferEnd } from '../../domain/file.ts'
import type { SecretUse } from '../../domain/secret.ts'

/**
 * Text in which nothing hides: whatever is not printable ASCII stands as an escape, a backslash as two, and a run of spaces that could
 * push something out of sight is counted (`\x20{40}`).
 */
export function exactText(text: string): string {
  return text
    .replace(/\\/g, '\\\\')
    .replace(/ {4,}/g, (spaces) => `\\x20{${spaces.length}}`)
    .replace(/[^\x20-\x7e]/gu, escaped)
}

function escaped(character: string): string {
  const named = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }[character]
  return named ?? `\\u{${character.codePointAt(0)?.toString(16)}}`
}

/** What an action would do, in one line, for whoever has to answer for it. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case 'run':
      return [
        exactText(action.command),
        ...(action.sudo === true ? ['(as root)'] : []),
        ...(action.detached === true ? ['(detached)'] : []),
        ...(action.secrets === undefined ? [] : [`(given ${action.secrets.map(secretText).join(', ')})`]),
        ...(action.session === undefined ? [] : [`(in session ${exactText(action.session)})`]),
        ...(action.workingDirectory === undefined ? [] : [`(in ${exactText(action.workingDirectory)})`]),
      ].join(' ')
    case 'write_file':
      return `write ${action.content.length} bytes (sha256 ${sha256(action.content)}) to ${exactText(action.path)}${asRoot(action)}: ${excerpt(action.content)}`
    case 'edit_file':
      return `edit ${exactText(action.path)}${asRoot(action)}: ${exactText(JSON.stringify(action.change))}`
    case 'restore_file':
      return `put back what was at ${exactText(action.path)}${asRoot(action)} before ${action.undoes}: ${placeText(action)}`
    case 'transfer_file':
      return `transfer ${endText(action.from)} to ${endText(action.to)}`
    case 'use_terminal':
      return `type into terminal ${exactText(action.session)}: ${exactText(JSON.stringify(action.input))}`
    default: {
      const { kind, ...rest } = action
      return `${kind} ${exactText(JSON.stringify(rest))}`
    }
  }
}

function secretText({ as, handle }: SecretUse): string {
  return `${handle} as ${as === 'stdin' ? 'input' : as.env}`
}

function asRoot({ sudo }: { readonly sudo: boolean }): string {
  return sudo ? ' as root' : ''
}

function placeText({ before, content = Buffer.alloc(0) }: RestoreFileAction): string {
  if (before.kind === 'absent') return 'nothing; the file is removed'
  const mode = before.mode.toString(8).padStart(4, '0')
  return `${before.bytes} bytes (sha256 ${before.sha256}), mode ${mode}, owner ${before.uid}:${before.gid}: ${excerpt(content)}`
}

function endText(end: TransferEnd): string {
  return end.kind === 'link' ? 'a single-use link' : `${end.host}:${exactText(end.path)}${asRoot(end)}`
}

/** What can be looked at of a content is shown whole; of what is larger, the digest speaks. */
const SHOWN_BYTES = 16 * 1024

function excerpt(content: Buffer): string {
  const isWhole = content.length <= SHOWN_BYTES
  const text = exactText(content.subarray(0, SHOWN_BYTES).toString('latin1'))
  return isWhole ? text : `${text} [and ${content.length - SHOWN_BYTES} bytes more]`
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
