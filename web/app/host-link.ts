/** MCP Apps (2026-01-26) as far as this view speaks it: JSON-RPC over postMessage with the client that shows it, and nobody else. */

export interface ToolResult {
  readonly content?: readonly { readonly type: string; readonly text?: string }[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly isError?: boolean
}

export interface HostContext {
  readonly theme?: string
  readonly styles?: { readonly variables?: Readonly<Record<string, string | undefined>> }
}

/** What the client tells; each at most once for a view, but the context. */
export interface Told {
  input(args: Readonly<Record<string, unknown>>): void
  result(result: ToolResult): void
  cancelled(reason: string): void
  context(context: HostContext): void
  /** The view is taken away: nothing more is asked for. */
  ended(): void
}

export interface HostLink {
  /** A call of a tool in the name of whoever looks at the view, with the client in between. */
  callTool(name: string, args: Readonly<Record<string, unknown>>): Promise<ToolResult>
  openLink(url: string): Promise<void>
  readonly canCall: boolean
  readonly canOpen: boolean
}

interface Message {
  readonly jsonrpc: '2.0'
  readonly id?: string | number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: unknown
  readonly error?: { readonly message?: string }
}

/** Resolves once the client has said hello back. */
export async function linkHost(told: Told): Promise<HostLink> {
  const host = window.parent
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  const post = (message: Omit<Message, 'jsonrpc'>) => host.postMessage({ jsonrpc: '2.0', ...message }, '*')
  const ask = (method: string, params: Record<string, unknown>) =>
    new Promise<unknown>((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      post({ id: last, method, params })
    })

  const onMessage = ({ source, data }: MessageEvent) => {
    // Any window can post here; only the one that shows the view is listened to.
    if (source !== host || !isMessage(data)) return
    if (data.method === undefined) settle(data)
    else if (data.id === undefined) tell(data.method, data.params ?? {}, told)
    else if (data.method === 'ui/resource-teardown' || data.method === 'ping') {
      if (data.method !== 'ping') told.ended()
      post({ id: data.id, result: {} })
    } else host.postMessage(notKnown(data.id), '*')
  }
  const settle = ({ id, result, error }: Message) => {
    const one = waiting.get(Number(id))
    waiting.delete(Number(id))
    if (error === undefined) one?.resolve(result)
    else one?.reject(new Error(error.message ?? 'refused'))
  }
  window.addEventListener('message', onMessage)

  const hello = (await ask('ui/initialize', {
    appInfo: { name: 'ssh-mcp-bridge-result', version: '1' },
    appCapabilities: {},
    protocolVersion: '2026-01-26',
  })) as { hostCapabilities?: Record<string, unknown>; hostContext?: HostContext } | undefined
  told.context(hello?.hostContext ?? {})
  post({ method: 'ui/notifications/initialized', params: {} })
  reportSize(post)
  return {
    callTool: (name, args) => ask('tools/call', { name, arguments: args }) as Promise<ToolResult>,
    openLink: async (url) => void (await ask('ui/open-link', { url })),
    canCall: hello?.hostCapabilities?.serverTools !== undefined,
    canOpen: hello?.hostCapabilities?.openLinks !== undefined,
  }
}

function tell(method: string, params: Record<string, unknown>, told: Told): void {
  if (method === 'ui/notifications/tool-input')
    told.input((params.arguments ?? {}) as Record<string, unknown>)
  else if (method === 'ui/notifications/tool-result') told.result(params as ToolResult)
  else if (method === 'ui/notifications/tool-cancelled')
    told.cancelled(typeof params.reason === 'string' ? params.reason : '')
  else if (method === 'ui/notifications/host-context-changed') told.context(params as HostContext)
}

/** The client makes the frame as high as the view is. */
function reportSize(post: (message: Omit<Message, 'jsonrpc'>) => void): void {
  let height = 0
  const report = () => {
    const now = Math.ceil(document.documentElement.getBoundingClientRect().height)
    if (now === height) return
    height = now
    post({ method: 'ui/notifications/size-changed', params: { height } })
  }
  new ResizeObserver(report).observe(document.documentElement)
  report()
}

function isMessage(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && (data as Message).jsonrpc === '2.0'
}

function notKnown(id: string | number) {
  return { jsonrpc: '2.0', id, error: { code: -32_601, message: 'not known to this view' } }
}
