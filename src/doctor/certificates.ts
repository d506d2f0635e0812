import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkServerIdentity, connect, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls'

/** What a TLS server shows. */
export type Certificates =
  | {
      readonly kind: 'shown'
      readonly leaf: Leaf
      readonly sent: number
      readonly fault: string | undefined
      readonly wrongName: string | undefined
    }
  | { readonly kind: 'none'; readonly code: string; readonly message: string }

export interface Leaf {
  readonly subject: string
  readonly issuer: string
  readonly names: string
  readonly from: Date
  readonly until: Date
  readonly isSelfSigned: boolean
  /** It says where its issuer's certificate can be fetched, which those of public authorities do. */
  readonly namesIssuerAddress: boolean
}

const TIMEOUT_MS = 10_000

/**
 * Shakes hands without refusing anything and tells what was shown and what is against it. Nothing is sent over the connection. `fault` is
 * OpenSSL's word for why the chain is not trusted, in which an expiry hides everything else: dates and name are looked at apart.
 */
export function lookAtCertificates(url: URL, ca: string | undefined): Promise<Certificates> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? 443 : Number(url.port)
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...(ca !== undefined && { ca }),
    })
    const end = (seen: Certificates) => {
      socket.destroy()
      resolve(seen)
    }
    const late = { kind: 'none', code: 'ETIMEDOUT', message: 'no answer in time' } as const
    AbortSignal.timeout(TIMEOUT_MS).addEventListener('abort', () => end(late))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({ kind: 'none', code: error.code ?? 'FAILED', message: error.message }),
    )
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate(true)
      if (shown.raw === undefined)
        return end({ kind: 'none', code: 'NO_CERTIFICATE', message: 'it shows no certificate' })
      const fault = socket.authorizationError as Error | string | undefined
      end({
        kind: 'shown',
        leaf: leafOf(shown),
        sent: lengthOf(shown),
        fault: socket.authorized || fault === undefined ? undefined : codeOf(fault),
        wrongName: checkServerIdentity(host, shown as PeerCertificate)?.message,
      })
    })
  })
}

function codeOf(fault: Error | string): string {
  if (typeof fault === 'string') return fault
  return (fault as NodeJS.ErrnoException).code ?? fault.message
}

function leafOf(shown: DetailedPeerCertificate): Leaf {
  const parsed = new X509Certificate(shown.raw)
  return {
    subject: oneLine(parsed.subject),
    issuer: oneLine(parsed.issuer),
    names: parsed.subjectAltName ?? oneLine(parsed.subject),
    from: new Date(parsed.validFrom),
    until: new Date(parsed.validTo),
    isSelfSigned: parsed.subject === parsed.issuer,
    namesIssuerAddress: /CA Issuers/.test(parsed.infoAccess ?? ''),
  }
}

/** How many certificates came, the server's own included. OpenSSL adds those that it trusts, and a root points to itself. */
function lengthOf(leaf: DetailedPeerCertificate): number {
  const seen = new Set<string>()
  for (
    let at: DetailedPeerCertificate | undefined = leaf;
    at?.fingerprint256 !== undefined;
    at = at.issuerCertificate
  ) {
    if (seen.has(at.fingerprint256)) break
    seen.add(at.fingerprint256)
  }
  return seen.size
}

function oneLine(name: string): string {
  return name.split('\n').join(', ')
}
