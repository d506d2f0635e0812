import { createHash } from 'node:crypto'
import { type HostName, hostName, isHostName } from '../domain/host.ts'
import type { SshConfigFile } from './ssh-config-file.ts'
import { type Jump, parseJumps } from './ssh-config-jump.ts'
import { type SshOptions, sshOptionsOf } from './ssh-config-options.ts'
import { type TokenValues, withTokens } from './ssh-config-tokens.ts'

export interface PlanContext {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  readonly localUser: string
  /** Hosts of the bridge's own configuration: a hop of such a name is that host. */
  readonly configured: ReadonlySet<string>
}

/** A host as the OpenSSH configuration describes it, before its credential was looked for. */
export interface PlannedHost {
  readonly name: HostName
  /** A hop that has no `Host` line of its own, or is used in another way than that says: callers never see it. */
  readonly isHop: boolean
  readonly options: SshOptions
  readonly tokens: TokenValues
  readonly jump?: HostName
}

export interface LeftOut {
  readonly name: string
  readonly why: string
}

/** The named hosts of the file and the hops to them, each once; and what cannot be a host here. */
export class ImportPlan {
  readonly #file: SshConfigFile
  readonly #context: PlanContext
  readonly #names: ReadonlySet<string>
  readonly #resolving = new Set<string>()
  readonly #hops = new Map<string, HostName>()
  readonly hosts: PlannedHost[] = []
  readonly leftOut: LeftOut[] = []

  constructor(file: SshConfigFile, names: readonly string[], context: PlanContext) {
    this.#file = file
    this.#context = context
    const asked = names.map((name) => ({ name, options: this.#optionsOf({ host: name }) }))
    const named = asked.filter(({ options }) => options.isNamed)
    this.#names = new Set(named.map(({ name }) => name))
    for (const { name, options } of named) {
      if (isHostName(name)) this.#plan(name, { host: name }, options, false)
      else this.#leaveOut(name, 'its name is not 1 to 63 letters, digits, dots, underscores or hyphens')
    }
  }

  #plan(name: HostName, asked: Jump, options: SshOptions, isHop: boolean, via?: HostName): void {
    const port = Number(options.one('port') ?? 22)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      this.#leaveOut(asked.host, 'its port is not a number from 1 to 65535')
      return
    }
    const tokens = this.#tokensOf(asked.host, options, port)
    const jump = via ?? this.#jumpOf(options, tokens)
    if (jump === 'unclear') this.#leaveOut(asked.host, 'its ProxyJump is not a list of [user@]host[:port]')
    else this.hosts.push({ name, isHop, options, tokens, ...(jump !== undefined && { jump }) })
  }

  #leaveOut(name: string, why: string): void {
    this.leftOut.push({ name, why })
  }

  /** The last hop before the host; each hop is reached through the one before it, whatever its own configuration says. */
  #jumpOf(options: SshOptions, tokens: TokenValues): HostName | 'unclear' | undefined {
    const text = options.one('proxyjump')
    if (text === undefined || text.toLowerCase() === 'none') return undefined
    const jumps = parseJumps(withTokens(text, tokens))
    if (jumps === undefined) return 'unclear'
    let via: HostName | undefined
    for (const jump of jumps) via = this.#hop(jump, via)
    return via
  }

  #hop(jump: Jump, via: HostName | undefined): HostName {
    const isPlain = jump.user === undefined && jump.port === undefined
    if (isPlain && isHostName(jump.host)) {
      if (this.#context.configured.has(jump.host)) return jump.host
      if (this.#names.has(jump.host) && (via === undefined || this.#goesThrough(jump.host, via)))
        return jump.host
    }
    const key = JSON.stringify([jump, via])
    const known = this.#hops.get(key)
    if (known !== undefined) return known
    const name = hopName(jump.host, key)
    // Before its own hops are followed: one that leads back to itself ends here.
    this.#hops.set(key, name)
    this.#plan(name, jump, this.#optionsOf(jump), true, via)
    return name
  }

  #goesThrough(name: string, via: HostName): boolean {
    if (this.#resolving.has(name)) return false
    this.#resolving.add(name)
    const options = this.#optionsOf({ host: name })
    const jump = this.#jumpOf(options, this.#tokensOf(name, options, 22))
    this.#resolving.delete(name)
    return jump === via
  }

  #optionsOf({ host, user, port }: Jump): SshOptions {
    const { localUser } = this.#context
    return sshOptionsOf(this.#file, {
      name: host,
      localUser,
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
    })
  }

  #tokensOf(name: string, options: SshOptions, port: number): TokenValues {
    const { env, home, localUser } = this.#context
    return {
      name,
      address: options.address,
      port,
      user: options.one('user') ?? localUser,
      localUser,
      home,
      env,
    }
  }
}

/** The same way has the same name after every reload: keys are trusted under it. */
function hopName(host: string, key: string): HostName {
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 8)
  return hostName(`jump-${host.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 40)}-${digest}`)
}
