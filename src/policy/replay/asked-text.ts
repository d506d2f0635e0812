import type { Action } from '../../domain/call.ts'
import type { TransferEnd } from '../../domain/file.ts'

/** What was asked, as short as a list of many can show it: what is on record, so no content of files. Not escaped. */
export function askedText(action: Action): string {
  switch (action.kind) {
    case 'run':
      return withRoot(action.command, action.sudo)
    case 'run_on_hosts':
      return withRoot(`${action.command} (on ${action.hosts.join(' ')})`, action.sudo)
    case 'transfer_file':
      return `transfer_file ${endText(action.from)} to ${endText(action.to)}`
    case 'open_session':
      return action.terminal === undefined ? 'open_session' : 'open_session (terminal)'
    case 'use_terminal':
      return `use_terminal ${action.input.map((input) => (input.kind === 'text' ? input.text : `<${input.key}>`)).join('')}`
    default:
      return 'path' in action ? withRoot(`${action.kind} ${action.path}`, action.sudo) : action.kind
  }
}

function withRoot(text: string, sudo = false): string {
  return sudo ? `${text} (as root)` : text
}

function endText(end: TransferEnd): string {
  return end.kind === 'link' ? 'a link' : withRoot(`${end.host}:${end.path}`, end.sudo)
}
