import type { Grammar } from '../grammar.ts'

const DIGESTS = '-md5 -sha1 -sha224 -sha256 -sha384 -sha512'

/** What checks web and mail servers, certificates and keys. */
export const WEB: readonly Grammar[] = [
  {
    program: 'nginx',
    // As the host's own configuration says, never -c, -g or -p: even to check one, it opens the logs that it names.
    flags: '-t -T -v -V -q -h',
    // -T prints all of it.
    reads: '/etc/nginx',
    below: true,
    needs: ['-t -T -v -V -h'],
  },
  {
    // Bare, or with a -D that only says more, the server itself would start.
    program: 'httpd apache2',
    flags: '-S -t -M -v -V -l -L -h',
    options: { '-D': ['DUMP_VHOSTS', 'DUMP_MODULES', 'DUMP_RUN_CFG', 'DUMP_INCLUDES'] },
    needs: ['-S -t -M -v -V -l -L -h'],
  },
  {
    program: 'apachectl apache2ctl',
    flags: '-S -t -M -v -V -l -L -h',
    operands: [{ is: ['configtest'], count: 'optional' }],
  },
  { program: 'postqueue', flags: '-p -j', needs: ['-p -j'] },
  { program: 'mailq' },
  // `name=value` would be set.
  { program: 'postconf', flags: '-d -n -h -m -l -a -A', operands: [{ is: '/[a-z0-9_]+/', count: 'any' }] },
  { program: 'sshd', flags: '-t -T', options: { '-C': '/[A-Za-z0-9=,.:_-]+/' }, needs: ['-t -T'] },
  {
    program: 'ssh-keygen',
    flags: '-l -v -L',
    options: { '-f': 'path', '-E': ['md5', 'sha1', 'sha256', 'sha512'] },
    needs: ['-l -L', '-f'],
  },
  {
    program: 'openssl',
    bundles: false,
    // Of no command -out, -writerand, -engine, -provider or what signs; and no key is shown.
    subcommands: {
      x509: {
        bundles: false,
        flags:
          '-noout -text -subject -issuer -dates -startdate -enddate -serial -fingerprint -purpose -modulus -hash ' +
          `-subject_hash -issuer_hash -email -ocspid -ocsp_uri -pubkey -alias -nocert ${DIGESTS}`,
        options: {
          '-in': 'path',
          '-checkend': 'number',
          '-checkhost -checkip -checkemail': 'text',
          '-nameopt -certopt -ext': 'text',
          '-inform': ['PEM', 'DER', 'pem', 'der'],
        },
      },
      'req crl': {
        bundles: false,
        flags: `-noout -text -subject -pubkey -modulus -verify -issuer -lastupdate -nextupdate -crlnumber -hash -fingerprint ${DIGESTS}`,
        options: { '-in': 'path', '-nameopt': 'text', '-inform': ['PEM', 'DER', 'pem', 'der'] },
        needs: ['-noout'],
      },
      'rsa ec pkey': {
        bundles: false,
        flags: '-noout -text -check -modulus -pubin -pubcheck',
        options: { '-in': 'path', '-inform': ['PEM', 'DER', 'pem', 'der'] },
        needs: ['-noout'],
      },
      verify: {
        bundles: false,
        flags: '-verbose -show_chain -partial_chain -crl_check -crl_check_all -x509_strict -no_check_time',
        options: {
          '-CAfile -CApath -untrusted -trusted -CRLfile': 'path',
          '-purpose -verify_hostname -verify_ip': 'text',
        },
        operands: [{ is: 'path', count: 'some' }],
      },
      'dgst md5 sha1 sha256 sha512': {
        bundles: false,
        flags: `-hex -binary -r -c ${DIGESTS}`,
        operands: [{ is: 'path', count: 'any' }],
      },
      ciphers: {
        bundles: false,
        flags: '-v -V -s -tls1 -tls1_1 -tls1_2 -tls1_3 -stdname',
        operands: [{ is: 'text', count: 'optional' }],
      },
      version: { bundles: false, flags: '-a -b -c -d -e -f -m -o -p -r -v' },
      asn1parse: {
        bundles: false,
        flags: '-i -dump',
        options: { '-in': 'path', '-inform': ['PEM', 'DER'], '-offset -length -strparse': 'number' },
      },
      crl2pkcs7: { bundles: false, flags: '-nocrl', options: { '-certfile': 'path' } },
      pkcs7: {
        bundles: false,
        flags: '-noout -print_certs -text',
        options: { '-in': 'path', '-inform': ['PEM', 'DER'] },
      },
    },
  },
]
