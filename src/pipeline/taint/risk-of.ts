import type { Answer } from '../../domain/answer.ts'
import type { Action } from '../../domain/call.ts'
import type { HostName } from '../../domain/host.ts'
import { findOrder } from './orders-to-models.ts'
import type { RiskyPlaces } from './risky-places.ts'

export interface Risk {
  readonly host: HostName
  readonly why: string
}

/**
 * Whether an answer shows what others than the host's administrators may have written, and why. By where it comes from, as far as the command or
 * path says so, and by what it says. A command that printed nothing has shown nothing.
 */
export function riskOf(action: Action, answer: Answer, places: RiskyPlaces): Risk | undefined {
  switch (answer.kind) {
    case 'ran': {
      const directory = action.kind === 'run' ? action.workingDirectory : undefined
      const at = answer.session?.workingDirectory ?? directory
      return ofText(answer.host, answer.output, () => places.inCommand(answer.command, at))
    }
    case 'command_output':
      return ofText(answer.host, answer.text, () => places.inCommand(answer.command))
    case 'ran_on_hosts': {
      const [first] = answer.report.groups.flatMap(({ hosts }) => hosts)
      const shown = answer.report.groups.map(({ output }) => output).join('\n')
      const command = action.kind === 'run_on_hosts' ? action.command : ''
      return first && ofText(first, shown, () => places.inCommand(command))
    }
    case 'file_read':
      return ofText(answer.host, answer.content, () => places.ofPath(answer.path) ?? answer.foreign)
    case 'directory_listed': {
      const names = answer.entries.map(({ name }) => name).join('\n')
      return ofText(answer.host, names, () => places.ofPath(answer.path))
    }
    case 'terminal_opened':
    case 'terminal_used': {
      const typed = action.kind === 'use_terminal' ? action.input : []
      const text = typed.map((input) => (input.kind === 'text' ? input.text : '\n')).join('')
      const { host, lines } = answer.view
      return ofText(host, lines.join('\n'), () => places.inCommand(text))
    }
    default:
      return undefined
  }
}

function ofText(host: HostName, text: string, whereFrom: () => string | undefined): Risk | undefined {
  if (text === '') return undefined
  const order = findOrder(text)
  const why = order === undefined ? whereFrom() : `a text that gives orders to a model ("${order.trim()}")`
  return why === undefined ? undefined : { host, why: `${host}: ${why}` }
}
