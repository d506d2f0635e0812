import type { Guard } from './guard.ts'

const SUBSCRIPTIONS = 'src/mcp/subscriptions/subscriptions.test.ts'

/** Of what MCP offers beside tools. */
export const EXTRAS_GUARDS: readonly Guard[] = [
  {
    name: 'resources-unknown-alike',
    file: 'src/mcp/resources/read-resource.ts',
    from: 'if (NOT_THERE.has(error.code))',
    to: 'if (NOT_THERE.size === 0)',
    test: 'src/mcp/resources/resources.test.ts',
    title: 'what never was, is somebody else’s or out of reach is not found, in the same words',
  },
  {
    name: 'own-commands-followed',
    file: 'src/mcp/subscriptions/watch-command.ts',
    from: 'if (first === undefined) return undefined',
    to: "if (first === '') return undefined",
    test: SUBSCRIPTIONS,
    title: 'a command of somebody else is followed as little as one that never was',
  },
  {
    name: 'watched-while-known',
    file: 'src/pipeline/commands/watch-command.ts',
    from: 'if (!mayKnow(command.call, principal, bridge)) return undefined',
    to: "if (principal.issuer === '') return undefined",
    test: SUBSCRIPTIONS,
    title: 'whoever loses a host hears no more of the commands there',
  },
  {
    name: 'hosts-changed-for-the-caller',
    file: 'src/mcp/subscriptions/subscriber.ts',
    from: 'JSON.stringify(hostViews(call, contextFor(call, bridge)))',
    to: 'JSON.stringify(bridge.hosts.list())',
    test: SUBSCRIPTIONS,
    title: 'a change of hosts is told to those who see it, and to nobody else',
  },
  {
    name: 'bounded-subscriptions',
    file: 'src/mcp/subscriptions/subscription-places.ts',
    from: 'taken >= MOST_PER_PRINCIPAL || this.#inAll >= MOST_IN_ALL',
    to: 'taken < 0',
    test: SUBSCRIPTIONS,
    title: 'a caller follows 64 things at most',
  },
]
