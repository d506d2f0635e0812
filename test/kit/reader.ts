import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from './free-port.ts'
import { sshBlock } from './init-parts.ts'
import { ledTo } from './person.ts'
import { PROGRAM } from './product.ts'
import type { Sshd } from './sshd.ts'

/** Somebody who types what a tutorial says, step by step, into one shell in a new home directory. */
export interface Reader {
  /** Resolves to what was printed; rejects when a command of the step failed. Addresses and ports of documents lead to what is there. */
  type(step: string): Promise<string>
  /** Ends the shell and whatever it had left running. */
  close(): Promise<void>
}

/** `web-server` and `db-server` of `~/.ssh/config` are real; `$SRC` is the checkout and `$FINGERPRINT` the host's key, as the tutorials have it. */
export async function startReader(sshd: Sshd): Promise<Reader> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'bridge-reader-')))
  const [bin, ssh] = [join(home, 'bin'), join(home, '.ssh')]
  for (const folder of [bin, ssh]) mkdirSync(folder, { mode: 0o700 })
  writeFileSync(join(bin, 'ssh-mcp-bridge'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`)
  chmodSync(join(bin, 'ssh-mcp-bridge'), 0o755)
  writeFileSync(join(ssh, 'config'), sshBlock('web-server', sshd) + sshBlock('db-server', sshd))
  writeFileSync(join(ssh, 'id_ed25519'), readFileSync(sshd.clientKeyPath), { mode: 0o600 })
  const port = String(await freePort())
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    SRC: resolve('.'),
    FINGERPRINT: sshd.hostKeyFingerprint,
    TERM: 'dumb',
  }
  const shell = spawn('bash', ['--noprofile', '--norc', '-s'], { cwd: home, env, detached: true })
  shell.stdout.setEncoding('utf8')
  shell.stdin.write('set -euo pipefail\n')
  const closed = new Promise<void>((done) => shell.once('exit', () => done()))
  let steps = 0
  return {
    async type(step) {
      if (shell.exitCode !== null || shell.signalCode !== null)
        throw new Error('the shell has ended with a step before')
      steps += 1
      const [script, printed] = [join(home, `.step-${steps}`), join(home, `.printed-${steps}`)]
      const text = ledTo(sshd, step).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
      writeFileSync(script, text.replace(/^( +port:) 8080$/m, `$1 ${port}`))
      const isDone = saidBy(shell, `done ${steps}`)
      shell.stdin.write(`. ${script} </dev/null >${printed} 2>&1; echo done ${steps}\n`)
      const ended = await Promise.race([isDone, closed])
      const out = readFileSync(printed, 'utf8').replaceAll(`127.0.0.1:${port}`, '127.0.0.1:8080')
      if (ended !== true) throw new Error(`a command failed:\n${out}`)
      return out
    },
    async close() {
      // The group of its own: what the steps left running, too.
      if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGKILL')
      await closed
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function saidBy(shell: ChildProcessWithoutNullStreams, line: string): Promise<true> {
  return new Promise((said) => {
    let text = ''
    const listen = (part: string) => {
      text += part
      if (!text.includes(`${line}\n`)) return
      shell.stdout.off('data', listen)
      said(true)
    }
    shell.stdout.on('data', listen)
  })
}
