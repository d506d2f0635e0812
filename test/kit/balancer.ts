import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNginxIn } from './nginx-process.ts'

export interface Balancer {
  readonly url: string
  stop(): Promise<void>
}

/** A real nginx on loopback that gives each request to the next of `ports`, whoever asks. What it has sent once it sends to nobody else. */
export async function startBalancer(port: number, ports: readonly number[]): Promise<Balancer> {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-balancer-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  )
  const servers = ports.map((each) => `server 127.0.0.1:${each} max_fails=0;`)
  writeFileSync(
    join(directory, 'nginx.conf'),
    `daemon off; master_process off; pid ${join(directory, 'pid')}; error_log ${join(directory, 'error.log')};
events {}
http { access_log off; ${temporary.join(' ')}
  upstream bridge { ${servers.join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://bridge;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_connect_timeout 2s;
      proxy_read_timeout 60s;
    }
  }
}
`,
  )
  const stop = await startNginxIn(directory, port)
  return { url: `http://127.0.0.1:${port}`, stop }
}
