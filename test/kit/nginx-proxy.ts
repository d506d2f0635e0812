import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNginxIn } from './nginx-process.ts'
import type { ServerCertificate } from './test-certificates.ts'

export interface ProxyWish {
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly upstream: string
  readonly certificate: ServerCertificate
  /** Replaces the headers that a good proxy sends on. */
  readonly headers?: readonly string[]
  /** More of the `server` block. */
  readonly server?: readonly string[]
  /** More of `location /`. */
  readonly location?: readonly string[]
}

const GOOD_HEADERS = [
  'Host $host',
  'X-Forwarded-For $remote_addr',
  'X-Forwarded-Proto $scheme',
  'Connection ""',
]

/** A real nginx with TLS in front of `upstream`, with as many mistakes as it is told. The returned function ends it. */
export async function startProxy(wish: ProxyWish): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-proxy-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  )
  const headers = (wish.headers ?? GOOD_HEADERS).map((header) => `proxy_set_header ${header};`)
  const config = `daemon off; master_process off; pid ${join(directory, 'pid')}; error_log ${join(directory, 'error.log')};
events {}
http { access_log off; ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${wish.port} ssl;
    ssl_certificate ${wish.certificate.chain};
    ssl_certificate_key ${wish.certificate.key};
    proxy_http_version 1.1;
    ${headers.join(' ')}
    ${(wish.server ?? []).join('\n')}
    location / { ${(wish.location ?? []).join('\n')} proxy_pass ${wish.upstream}; }
  }
}
`
  writeFileSync(join(directory, 'nginx.conf'), config)
  return startNginxIn(directory, wish.port)
}
