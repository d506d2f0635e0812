import type { Certificates } from './certificates.ts'
import type { Check } from './check.ts'
import { failure, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'

const DAY_MS = 86_400_000
const SOON_DAYS = 14

/** OpenSSL's words for what is looked at by itself. */
const DATES: readonly string[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']

/** What a client that trusts the usual authorities thinks of the certificate. */
export const tlsChecks: readonly Check[] = [
  {
    id: 'certificate-shown',
    of: 'bridge',
    title: 'The address speaks TLS',
    means:
      'No TLS handshake comes about: plain http is spoken on that port, or the versions of TLS have nothing in common.',
    mend: 'Let the proxy listen with TLS on that port (nginx: `listen 443 ssl;` with `ssl_certificate` and `ssl_certificate_key`).',
    needs: ['connect'],
    run: onlySecure((seen) => {
      if (seen.kind === 'shown') return ok(`It shows a certificate of ${seen.leaf.issuer}.`)
      return failure(
        'No TLS handshake comes about.',
        'Let the proxy speak TLS on that port. nginx: listen 443 ssl; ssl_certificate …; ssl_certificate_key …;',
        `${seen.code}: ${seen.message}`,
      )
    }),
  },
  {
    id: 'certificate-dates',
    of: 'bridge',
    title: 'The certificate is valid now, and for another 14 days',
    means:
      'An expired certificate, or one that begins later, is refused by every client. One that ends soon was not renewed as it should have been.',
    mend: 'Renew it (`certbot renew`, or what your provider has) and reload the proxy (`nginx -s reload`). If it is new, correct the clock of the server.',
    needs: ['certificate-shown'],
    run: onlySecure((seen, look) => {
      if (seen.kind === 'none') return []
      const { from, until } = seen.leaf
      const leftMs = until.getTime() - look.settings.now().getTime()
      const renew = 'Renew the certificate (certbot renew) and reload the proxy (nginx -s reload).'
      if (leftMs <= 0) return failure(`The certificate has expired on ${day(until)}.`, renew)
      if (from > look.settings.now())
        return failure(
          `The certificate is valid only from ${from.toISOString()} on.`,
          'Correct the clock of this machine, or of the one that made the certificate.',
        )
      if (leftMs < SOON_DAYS * DAY_MS)
        return warning(
          `The certificate expires on ${day(until)}, in ${Math.floor(leftMs / DAY_MS)} days.`,
          `${renew} See that this happens by itself: systemctl list-timers | grep certbot.`,
        )
      return ok(`It is valid until ${day(until)}.`)
    }),
  },
  {
    id: 'certificate-name',
    of: 'bridge',
    title: 'The certificate is for this name',
    means: 'It was made for other names: every client refuses it.',
    mend: 'Get a certificate that names the host of `server.public_url`, or correct that address; in nginx look whether another `server` block answers first.',
    needs: ['certificate-shown'],
    run: onlySecure((seen, look) => {
      if (seen.kind === 'none') return []
      const { hostname } = new URL(look.baseUrl)
      if (seen.wrongName === undefined) return ok(`It names ${hostname}.`)
      return failure(
        `The certificate is not for ${hostname}.`,
        `Get one that names ${hostname} (certbot certonly -d ${hostname}), or write a name that it has into server.public_url.`,
        `it names ${seen.leaf.names}`,
      )
    }),
  },
  {
    id: 'certificate-chain',
    of: 'bridge',
    title: 'The certificate leads to an authority that clients trust',
    means:
      'It is self-signed, its authority is a private one, or the intermediate certificates are not sent with it. Browsers often hide the last fault; programs do not.',
    mend: 'Configure the whole chain (`fullchain.pem`, not `cert.pem`) of a public authority. A private authority works only for local clients that were told to trust it.',
    needs: ['certificate-shown'],
    run: onlySecure((seen) => (seen.kind === 'none' ? [] : chain(seen))),
  },
]

function chain({ leaf, fault, sent }: Extract<Certificates, { kind: 'shown' }>): Said[] {
  if (fault === undefined) return ok(`${leaf.issuer} is trusted.`)
  if (leaf.isSelfSigned)
    return failure(
      'The certificate is self-signed: no client trusts it.',
      'Get one of a public authority: certbot certonly -d NAME. For local clients alone: start them with NODE_EXTRA_CA_CERTS=CERTIFICATE.pem.',
      fault,
    )
  // The dates hide whatever else there is.
  if (DATES.includes(fault)) return []
  if (sent === 1)
    return failure(
      leaf.namesIssuerAddress
        ? 'The intermediate certificate is missing: only the server’s own is sent.'
        : 'Only the server’s own certificate is sent, and its issuer is not among the trusted ones: the intermediate certificate is missing, or the authority is a private one.',
      'Send the whole chain. nginx: ssl_certificate …/fullchain.pem; (not cert.pem), then nginx -s reload. Of a private authority: use a public one, or start local clients with NODE_EXTRA_CA_CERTS=AUTHORITY.pem.',
      `${fault}; issued by ${leaf.issuer}`,
    )
  return failure(
    'The certificate comes from an authority that is not trusted.',
    'Get one of a public authority: certbot certonly -d NAME. For local clients alone: start them with NODE_EXTRA_CA_CERTS=AUTHORITY.pem.',
    `${fault}; issued by ${leaf.issuer}`,
  )
}

function onlySecure(
  say: (seen: Certificates, look: Look) => readonly Said[],
): (subject: string, look: Look) => Promise<readonly Said[]> {
  return async (_, look) => (look.isSecure ? say(await look.certificates(), look) : [])
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
