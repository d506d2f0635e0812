import { shellLine } from '../../clients/configuration.ts'
import { printable } from '../../lib/printable.ts'
import { shownPath } from './places.ts'
import type { ConnectReport } from './report.ts'
import { showChange } from './show-change.ts'
import type { Written } from './write-entry.ts'

const AUTH = {
  local: 'over stdio: it starts the bridge on this machine, and you are who asks',
  nothing: 'over HTTP, without sign-in: only this machine reaches the bridge',
  key: 'over HTTP, with an API key',
  sign_in: 'over HTTP, with sign-in',
} as const satisfies Record<ConnectReport['auth'], string>

/** The report for people: what to put where, and what comes next. With `written`, what was put there already. */
export function textReport(report: ConnectReport, written?: Written): string[] {
  return [
    `${report.title}, ${AUTH[report.auth]}`,
    ...(written ? changeLines(written) : whatToDo(report)),
    ...keyLines(report),
    ...signInLines(report),
    '',
    `Next: ${report.next}`,
    ...(report.transport === 'http' ? [`Then check it: ${report.check}`] : []),
    ...(report.notes.length > 0 ? ['', ...report.notes.map((note) => `- ${note}`)] : []),
  ]
}

function whatToDo({ dialog, configuration, files, command_line: words }: ConnectReport): string[] {
  if (dialog) {
    const width = Math.max(...dialog.fields.map(([field]) => field.length))
    return [
      '',
      `${dialog.where}:`,
      '',
      ...dialog.fields.map(([field, value]) => `  ${field.padEnd(width)}  ${value}`),
    ]
  }
  if (!configuration) return []
  const [first, ...others] = files.map(({ path, scope }) =>
    scope === 'project' ? `${path} (this project)` : shownPath(path),
  )
  const where = first === undefined ? 'In its configuration' : `In ${[first, ...others].join(' or ')}`
  const command = words ? ['', 'Or with its own command:', '', `  ${shellLine(words)}`] : []
  const indented = configuration.text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))
  return ['', `${where}:`, '', ...indented, ...command]
}

function changeLines({ changed, path, before, after, backup }: Written): string[] {
  if (!changed) return ['', `${shownPath(path)} says this already; nothing was changed.`]
  return [
    '',
    `Written to ${shownPath(path)}:`,
    '',
    ...showChange(before, after).map((line) => `  ${line}`),
    '',
    backup === undefined ? 'The file is new.' : `What it held before is in ${shownPath(backup)}`,
  ]
}

function keyLines({ key_variable: variable }: ConnectReport): string[] {
  if (variable === undefined) return []
  return [
    '',
    `The key itself is not written down here: it is in ${variable}. Make one with: ssh-mcp-bridge keys create NAME`,
  ]
}

function signInLines(report: ConnectReport): string[] {
  const { auth, sign_in: signIn, scopes, redirect_addresses: redirects } = report
  if (auth !== 'sign_in') return []
  const asked = scopes.length === 0 ? [] : ['', `Scopes that it asks for: ${scopes.map(printable).join(' ')}`]
  const whose =
    signIn === 'embedded'
      ? 'Its redirect addresses, which the built-in login allows:'
      : 'Redirect addresses to allow at the provider:'
  const warning = report.refused_redirect_addresses.map(
    (uri) => `  not allowed by server.oauth.registration.redirect_hosts: ${uri}`,
  )
  return [
    ...asked,
    '',
    whose,
    '',
    ...redirects.map(({ uri, when }) => (when === undefined ? `  ${uri}` : `  ${uri}  (${when})`)),
    ...warning,
  ]
}
