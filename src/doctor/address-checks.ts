import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import { isLoopback } from '../config/loopback.ts'
import { isPublic } from '../outbound/public-address.ts'
import type { Check } from './check.ts'
import { failure, note, ok, warning } from './finding.ts'
import type { Look } from './look.ts'

const CONNECT_MS = 10_000

/** The name, the port, and whether what goes over the line is encrypted. */
export const addressChecks: readonly Check[] = [
  {
    id: 'dns',
    of: 'bridge',
    title: 'The name of the address is known to DNS',
    means: 'No client can find the bridge: its name leads to no address.',
    mend: 'Add an A or AAAA record for the name at your DNS provider, or correct `server.public_url`.',
    run: async (_, look) => {
      const { found, fault } = await addressesOf(look)
      const { hostname } = new URL(look.baseUrl)
      if (fault === undefined) return ok(`${hostname} is ${found.join(', ')}.`)
      return failure(
        `The name ${hostname} leads to no address.`,
        `Add an A or AAAA record for ${hostname} at your DNS provider; if the name is misspelt, write the right one in server.public_url.`,
        fault,
      )
    },
  },
  {
    id: 'public-reach',
    of: 'bridge',
    title: 'Clients in a cloud can reach the address',
    means:
      'ChatGPT and claude.ai call from the network of their makers. To them an address of your own network, or of this machine, does not exist.',
    mend: 'Give the bridge a name with a public address, through a reverse proxy or a tunnel, if such clients are to use it; local clients need nothing.',
    needs: ['dns'],
    run: async (_, look) => {
      const { found } = await addressesOf(look)
      if (found.some(isPublic)) return ok('Its address is a public one.')
      const isHere = isLoopback(new URL(look.baseUrl).hostname)
      const say = isHere ? note : warning
      return say(
        isHere
          ? 'Only programs on this machine can reach the bridge.'
          : `${new URL(look.baseUrl).hostname} leads, from here, to addresses of a private network only.`,
        'For ChatGPT and claude.ai put a reverse proxy or a tunnel with a public https address in front, and write that address into server.public_url. For clients on this network nothing is to be done.',
        found.join(', '),
      )
    },
  },
  {
    id: 'connect',
    of: 'bridge',
    title: 'Something listens at the address',
    means:
      'The connection is refused, or nobody answers: the bridge, or the proxy in front of it, is not there.',
    mend: 'Start the bridge (`ssh-mcp-bridge serve config.yaml`), open the port in the firewall, or correct `server.public_url`.',
    needs: ['dns'],
    run: async (_, look) => {
      const { hostname, port } = placeOf(look)
      const fault = await reach(hostname, port)
      if (fault === undefined) return ok(`Port ${port} is open.`)
      return failure(
        `Nothing could be reached at ${hostname} port ${port}.`,
        fault === 'ETIMEDOUT'
          ? `Open port ${port} for incoming connections in the firewall (and in the security group of a cloud).`
          : 'Start the bridge: ssh-mcp-bridge serve CONFIG. If it runs, see that it, or the proxy in front of it, listens at this address and port.',
        fault,
      )
    },
  },
  {
    id: 'encrypted',
    of: 'bridge',
    title: 'The address begins with https',
    means: 'Over plain http everybody on the way reads the tokens, and clients refuse to sign in.',
    mend: 'Put a reverse proxy with a certificate in front (docs/DOCKER.md shows nginx) and write its https address into `server.public_url`.',
    run: (_, look) => {
      if (look.isSecure) return ok('What goes over the line is encrypted.')
      if (isLoopback(new URL(look.baseUrl).hostname)) return ok('Plain http, on this machine only.')
      return failure(
        'The address is plain http: tokens can be read on the way, and clients refuse to sign in there.',
        'Put a reverse proxy with a certificate in front of the bridge and write its address into server.public_url: https://…',
        look.baseUrl,
      )
    },
  },
]

function placeOf(look: Look): { hostname: string; port: number } {
  const { hostname, port, protocol } = new URL(look.baseUrl)
  const usual = protocol === 'https:' ? 443 : 80
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) }
}

function addressesOf(look: Look): Promise<{ found: readonly string[]; fault?: string }> {
  return look.once('addresses', async () => {
    try {
      const answers = await lookup(placeOf(look).hostname, { all: true })
      return { found: [...new Set(answers.map(({ address }) => address))] }
    } catch (error) {
      return { found: [], fault: (error as NodeJS.ErrnoException).code ?? String(error) }
    }
  })
}

/** Whether a host on the internet could, as far as DNS tells from here. */
export async function isReachable(look: Look): Promise<boolean> {
  return (await addressesOf(look)).found.some(isPublic)
}

/** Undefined when a connection was made; else the code of what came instead. */
function reach(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (fault?: string) => {
      socket.destroy()
      resolve(fault)
    }
    AbortSignal.timeout(CONNECT_MS).addEventListener('abort', () => end('ETIMEDOUT'))
    socket.once('connect', () => end())
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code || error.message || 'FAILED'))
  })
}
