import type { McpClient, NamedServer, ServerAuth } from '../clients/client.ts'
import { configurationOf, shellLine } from '../clients/configuration.ts'
import { needsClient } from '../clients/everyone.ts'
import { CLIENTS } from '../clients/list.ts'
import { registersAt, whyOutOfReach } from '../clients/reach.ts'
import { termList, text } from './page-text.ts'

/** How people prove who they are, as far as anybody may know. */
export type OfferedSignIn =
  | { readonly by: 'here' | 'key' | 'nothing' }
  | { readonly by: 'elsewhere'; readonly provider: string }

/** As the examples of the documents have it. */
const NAME = 'ssh'
const KEY_VARIABLE = 'BRIDGE_KEY'

/** What to do for each client over HTTP, from the same table that `ssh-mcp-bridge connect` prints. */
export function clientSections(address: string, signIn: OfferedSignIn): string {
  return Object.values(CLIENTS)
    .filter(({ httpBy }) => httpBy === undefined)
    .map(
      (client) => `<details>
<summary>${text(client.title)}</summary>
<div>
${steps(client, address, signIn)}
</div>
</details>`,
    )
    .join('\n')
}

function steps(client: McpClient, address: string, signIn: OfferedSignIn): string {
  const why = client.runs === 'cloud' ? whyOutOfReach(address) : undefined
  if (why !== undefined)
    return `<p>It calls from the cloud of ${text(client.vendor)} and cannot use this address: ${why}.</p>`
  if (signIn.by === 'key' && client.apiKey === undefined)
    return '<p>It cannot send an API key, and this server has no sign-in.</p>'
  const named: NamedServer = {
    name: NAME,
    server: { transport: 'http', url: address, auth: authOf(client, signIn) },
  }
  const next =
    (signIn.by === 'here' || signIn.by === 'elsewhere' ? client.next.signIn : client.next.http) ?? ''
  const notes = needsClient(named.server)
    ? '<p>CLIENT_ID stands for the id of a client that is registered at the provider: ask whoever runs this server.</p>'
    : ''
  return `${client.dialog ? dialog(client.dialog, named) : files(client, named)}
${notes}
<p>${text(next.replaceAll('NAME', NAME))}</p>`
}

function dialog({ where, fields }: NonNullable<McpClient['dialog']>, named: NamedServer): string {
  const rows = fields(named).map(([field, value]) => [text(field), `<code>${text(value)}</code>`] as const)
  return `<p>${text(where)}, and fill in:</p>\n${termList(rows)}`
}

function files(client: McpClient, named: NamedServer): string {
  const words = client.commandLine?.words(named)
  const command = words ? `<p>In a terminal:</p>\n<pre>${text(shellLine(words))}</pre>\n` : ''
  const configuration = configurationOf(client, named)
  const paths = client.files.map(({ path }) => path)
  const [first] = paths
  const places = first === undefined ? [] : [...new Set([first.linux, first.darwin, first.win32])]
  const where =
    places.length === 0
      ? 'In its configuration'
      : `In ${places.map((path) => `<code>${text(path)}</code>`).join(' or ')}`
  const file = configuration
    ? `<p>${command === '' ? where : where.replace('In ', 'Or in ')}:</p>\n<pre>${text(configuration.text)}</pre>`
    : ''
  return command + file
}

function authOf(client: McpClient, signIn: OfferedSignIn): ServerAuth {
  switch (signIn.by) {
    case 'key':
      return { by: 'key', variable: KEY_VARIABLE }
    case 'nothing':
      return { by: 'nothing' }
    case 'here':
      return { by: 'sign_in', scopes: [], registers: true }
    case 'elsewhere':
      return { by: 'sign_in', scopes: [], registers: registersAt(signIn.provider, client) }
  }
}
