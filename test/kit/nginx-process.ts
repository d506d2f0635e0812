import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

/** Starts nginx with the `nginx.conf` of a directory of its own, and resolves to its end once it listens. The directory goes with it. */
export async function startNginxIn(directory: string, port: number): Promise<() => Promise<void>> {
  const child = spawn('/usr/sbin/nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], {
    stdio: 'ignore',
  })
  while (!(await accepts(port)))
    if (child.exitCode !== null) throw new Error(readFileSync(join(directory, 'error.log'), 'utf8'))
  return async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setTimeout(() => resolve(false), 10))
  })
}
