/** One hop of a `ProxyJump`, as it is written. */
export interface Jump {
  readonly host: string
  readonly user?: string
  readonly port?: string
}

/** `[user@]host[:port]` or `ssh://…`, several with commas between them, first hop first. Undefined when one of them is neither. */
export function parseJumps(text: string): readonly Jump[] | undefined {
  const jumps = text.split(',').map((part) => parseJump(part.trim()))
  return jumps.some((jump) => jump === undefined) ? undefined : jumps.filter((jump) => jump !== undefined)
}

function parseJump(text: string): Jump | undefined {
  const bare = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '')
  const at = bare.lastIndexOf('@')
  const [, literal, name, port] =
    /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/.exec(bare.slice(at + 1)) ?? []
  const host = literal ?? name
  if (host === undefined || host.startsWith('-') || at === 0) return undefined
  return { host, ...(at > 0 && { user: bare.slice(0, at) }), ...(port !== undefined && { port }) }
}
