import { hostname } from 'node:os'

/** What the tokens and variables of ssh_config(5) stand for, as far as it can be known without a connection. */
export interface TokenValues {
  /** As it was asked for. */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly localUser: string
  readonly home: string
  readonly env: NodeJS.ProcessEnv
}

/** The text with `%h`, `%r`, `%d`, … and `${NAME}` replaced; what is not known stays as it is. */
export function withTokens(text: string, values: TokenValues): string {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: values.address,
    n: values.name,
    p: String(values.port),
    r: values.user,
    u: values.localUser,
    d: values.home,
    i: String(process.getuid?.() ?? ''),
    l: hostname(),
    L: hostname().replace(/\..*$/, ''),
  }
  return text
    .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => values.env[name] ?? whole)
    .replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
}
