import type { Config } from '../config/config.ts'
import { shellWord } from '../config/file-mode.ts'
import type { OAuthConfig } from '../config/oauth-config.ts'
import { grouped } from '../lib/grouped.ts'
import { printable } from '../lib/printable.ts'
import { VERSION } from '../lib/version.ts'

export interface Started {
  readonly config: Config
  readonly configPath: string | undefined
  /** Where it listens, with HTTP on. */
  readonly url: string | undefined
}

/** What somebody who started the bridge at a terminal wants to know at once. Log lines go on beneath it. */
export function startScreen({ config, configPath, url }: Started): string {
  if (url === undefined) return stdioLines(configPath).join('\n')
  const { server, hosts } = config
  const base = server.publicUrl ?? url
  const facts = [
    ['clients use', `${base}/mcp`],
    ...(server.publicUrl === undefined ? [] : [['listens on', url] as const]),
    ['who calls', whoCalls(config)],
    ['hosts', hostsText(hosts)],
    ['rules', rulesText(config)],
    ['console', `${base}/console`],
    [
      'next',
      `ssh-mcp-bridge connect CLIENT${fileOf(configPath)}   tells a client; without CLIENT they are listed`,
    ],
    ['stop', 'Ctrl-C'],
  ] as const
  const lines = facts.map(([name, text]) => `  ${name.padEnd(11)}  ${printable(text)}`)
  return ['', `  SSH MCP Bridge ${VERSION}`, '', ...lines, ''].join('\n')
}

function stdioLines(configPath: string | undefined): string[] {
  return [
    '',
    '  This is the SSH MCP Bridge, and it waits for an MCP client on its standard input. Nobody types here: a client',
    `  starts it by itself, once it is told to. Press Ctrl-C, then: ssh-mcp-bridge connect CLIENT${fileOf(configPath)} --stdio --write`,
    ...(configPath === undefined
      ? [
          '  Without a configuration it serves the hosts of ~/.ssh/config. To choose them: ssh-mcp-bridge init',
        ]
      : []),
    '',
  ]
}

function fileOf(configPath: string | undefined): string {
  return configPath === undefined ? '' : ` ${shellWord(configPath)}`
}

function whoCalls({ server: { auth } }: Config): string {
  const ways = [
    ...(auth.oauth === undefined ? [] : signInText(auth.oauth)),
    ...(auth.apiKeys.length === 0 ? [] : [`API keys: ${shortList(auth.apiKeys.map(({ name }) => name))}`]),
  ]
  return ways.length === 0 ? 'nobody signs in, and only this machine reaches it' : ways.join('; ')
}

function signInText({ embedded, issuers }: OAuthConfig): string[] {
  const others = issuers.map(({ issuer }) => issuer).filter((issuer) => issuer !== embedded?.issuer)
  const own =
    embedded?.upstream === undefined ? 'people sign in here' : `people sign in at ${embedded.upstream.issuer}`
  return [
    ...(embedded === undefined ? [] : [own]),
    ...(others.length === 0 ? [] : [`tokens of ${shortList(others)}`]),
  ]
}

function hostsText(targets: Config['hosts']): string {
  const hosts = targets.filter(({ isHop }) => isHop !== true).map(({ host }) => host.name)
  return hosts.length === 0 ? 'none' : `${hosts.length}: ${shortList(hosts)}`
}

const EFFECTS = { allow: 'allow', approve: 'ask a person', deny: 'deny', observe: 'only observe' } as const

function rulesText({ rules }: Config): string {
  if (rules === undefined) return 'none: whoever may call may run anything'
  const effects = grouped(rules.rules, ({ effect, onlyObserves }) => (onlyObserves ? 'observe' : effect))
  const counts = [...effects].map(([effect, some]) => `${some.length} ${EFFECTS[effect]}`)
  const what = counts.length === 0 ? '' : ` (${counts.join(', ')})`
  const count = rules.rules.length
  return `${count} ${count === 1 ? 'rule' : 'rules'}${what}; what none is about is denied`
}

function shortList(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return names.slice(0, 5).join(', ') + more
}
