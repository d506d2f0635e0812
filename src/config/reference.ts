import { ENVIRONMENT } from './environment.ts'
import { EXAMPLE_CONFIG } from './example.ts'
import { type ConfigKey, configKeys } from './keys.ts'

/** The reference page, docs/CONFIGURATION.md: every key with type, default and meaning, computed from the schema. */
export function configurationPage(): string {
  const sections = [...configKeys().values()].filter(({ isSection }) => isSection)
  return `${[
    '<!-- Generated from src/config/schema.ts by `npm run docs`. Do not edit. -->',
    '# Configuration',
    INTRODUCTION,
    '## A complete example',
    ['```yaml', EXAMPLE_CONFIG.trimEnd(), '```'].join('\n'),
    '## Keys',
    table(below('')),
    ...sections.flatMap((section) => [
      `### ${title(section)}`,
      section.description,
      table(below(`${section.pattern}.${isList(section) ? '*.' : ''}`)),
    ]),
    '## Environment variables',
    'They win over the file; the command line (`--stdio`, `--http`, `--host`, `--port`, `--log-level`, `--log-file`) wins over them. An empty variable counts as not set.',
    rows(
      ['variable', 'sets'],
      Object.entries(ENVIRONMENT).map(([name, sets]) => [code(name), sets]),
    ),
    '## Secrets and references',
    REFERENCES,
    '## Hosts of OpenSSH',
    OPENSSH,
    '## What does not start',
    REFUSALS,
  ].join('\n\n')}\n`
}

const INTRODUCTION = `One YAML file, in snake_case. \`ssh-mcp-bridge validate config.yaml\` names every mistake at once as
\`file:line:column: what is wrong, what to write\`; an unknown key is a mistake. \`ssh-mcp-bridge config schema\` prints the
JSON Schema for editors. The running bridge reads the file again when it changes and on SIGHUP; a bad file keeps the running
configuration and says so.`

const REFERENCES = `Any text may hold \`\${env:NAME}\` (an environment variable) and \`\${file:PATH}\` (the content of a file without its final
line break; \`~\` is the home directory, a relative path begins at the folder of the configuration). A file named so, and every
private key, must be readable by its owner only: \`chmod 600\`. So must the configuration itself while a secret is written in
it; with references alone it may be readable by all. No secret is ever shown in a message, a log or a dump.`

const OPENSSH = `\`ssh_config\` brings every name that a \`Host\` line spells out; a host of the same name in \`hosts\` wins. What holds for it is
found as OpenSSH finds it: \`Include\`, wildcards and negation, \`Match\` with \`host\`, \`originalhost\`, \`user\`, \`localuser\`, \`final\` and
\`all\`, first value first. Nothing is run: blocks with \`Match exec\` are left out, and hosts with \`ProxyCommand\` too unless
\`ssh.allow_proxy_command\` is true. \`HostName\`, \`Port\`, \`User\`, \`IdentityFile\`, \`IdentityAgent\`, \`IdentitiesOnly\`,
\`ProxyJump\` and \`ProxyCommand\` count;
\`StrictHostKeyChecking\` and \`UserKnownHostsFile\` do not: a key that is not trusted is never accepted. What is left out, and why, is
said at start-up and by \`validate\`.

A hop of \`ProxyJump\` that is no host by itself (\`user@bastion:2222\`, an address, a second way to the same host) becomes a host named
\`jump-…\` that callers can neither see nor use. \`ssh-mcp-bridge hosts list\` shows its name, and \`hosts trust\` takes it.`

const REFUSALS = `OAuth that is on without \`issuer\` or \`audience\`; an address that others can reach with HTTP on and no authentication; an
\`http://\` address of the server or the provider beyond loopback; \`cors_origins: ["*"]\` with credentials; both transports off;
a host without a credential, or with a key that is missing, encrypted without \`passphrase\`, or readable by others; two hosts or two
keys of one name; a jump that leads nowhere or in a circle; \`proxy_command\` without \`ssh.allow_proxy_command: true\` or beside
\`jump\`; shell mode or sudo on a platform without a POSIX shell; an answer without a text or a TOTP secret;
\`rules:\` without a value; a rule that names a role, host or approver that is not there, holds a pattern that is none, or asks for an
approval that nobody may give; a way in that belongs to two people.`

function below(prefix: string): ConfigKey[] {
  return [...configKeys().values()].filter(({ pattern, name }) => pattern === prefix + name)
}

function isList({ pattern }: ConfigKey): boolean {
  return below(`${pattern}.*.`).length > 0
}

function title(section: ConfigKey): string {
  return code(`${section.pattern.replaceAll('.*', '[]')}${isList(section) ? '[]' : ''}`)
}

function table(keys: readonly ConfigKey[]): string {
  return rows(
    ['key', 'type', 'default', 'meaning'],
    keys.map((key) => [code(key.name), key.type.replace(/^an? /, ''), defaultText(key), key.description]),
  )
}

function defaultText(key: ConfigKey): string {
  if (key.isRequired) return '**required**'
  const { defaultValue } = key
  if (
    defaultValue === undefined ||
    defaultValue === '' ||
    (Array.isArray(defaultValue) && defaultValue.length === 0)
  )
    return ''
  if (!Array.isArray(defaultValue)) return code(String(defaultValue))
  return defaultValue.map((item) => code(String(item))).join(' ')
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}
