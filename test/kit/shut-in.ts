import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAM } from './product.ts'

export interface ShutIn {
  readonly process: ChildProcess
  output(): string
  /** Sends the signal to the program itself. */
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<number | null>
  /** Names of the system calls that were made so far, by all threads. */
  systemCalls(): string[]
}

/**
 * Starts the product in what the unit of deploy/systemd asks of systemd, as far as that can be done without it: user 1000 without rights and
 * without a way to any, file systems to read only, no home directories, own /tmp, /dev and processes, /proc with processes alone.
 * `folder` holds `etc` and `state`, which become those of the unit. System calls in `denied` fail with EPERM.
 */
export async function startShutIn(folder: string, denied: readonly string[]): Promise<ShutIn> {
  const trace = '/var/lib/ssh-mcp-bridge/system-calls'
  const inject = denied.length > 0 ? `-e inject=${denied.join(',')}:error=EPERM` : ''
  const script = `
mount --make-rprivate /
mkdir -p /var/lib/ssh-mcp-bridge /etc/ssh-mcp-bridge
mount --bind ${folder}/state /var/lib/ssh-mcp-bridge
mount --bind ${folder}/etc /etc/ssh-mcp-bridge
mount -o remount,bind,ro /etc/ssh-mcp-bridge
for place in /home /root /tmp /var/tmp; do mount -t tmpfs -o mode=1777 none $place; done
mount -t tmpfs none /run
mkdir /tmp/dev
mount -t tmpfs -o size=64k none /tmp/dev
for name in null zero full random urandom tty; do touch /tmp/dev/$name; mount --bind /dev/$name /tmp/dev/$name; done
mount --move /tmp/dev /dev
mount -t proc -o subset=pid,hidepid=invisible proc /proc
mount -o remount,bind,ro /
cd /
exec setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \\
  env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/var/lib/ssh-mcp-bridge XDG_STATE_HOME=/var/lib \\
  strace -f -qq -e signal=none ${inject} -o ${trace} \\
  ${process.execPath} ${PROGRAM} serve /etc/ssh-mcp-bridge/config.yaml`
  const child = spawn('unshare', ['--mount', '--pid', '--fork', 'sh', '-euc', script])
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (/listening on/i.test(output)) resolve()
    })
    void ended.then((code) => reject(new Error(`it ended with ${code}:\n${output}`)))
  })
  const [tracer] = childrenOf(child.pid)
  const [program] = childrenOf(tracer)
  if (program === undefined) throw new Error('the program is not there')
  return {
    process: child,
    output: () => output,
    signal: (name) => process.kill(program, name),
    ended,
    systemCalls() {
      const lines = readFileSync(join(folder, 'state/system-calls'), 'utf8').matchAll(
        /^\d+ +([a-z_0-9]+)\(/gm,
      )
      return [...new Set([...lines].map((match) => match[1] ?? ''))].sort()
    },
  }
}

/** What systemd understands by a set of system calls, such as `@system-service`. */
export function systemCallSet(name: string): string[] {
  const text = execFileSync('systemd-analyze', ['syscall-filter', name, '--no-pager'], { encoding: 'utf8' })
  const names = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  return names
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => (line.startsWith('@') ? systemCallSet(line) : [line]))
}

function childrenOf(pid: number | undefined): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').filter(Boolean).map(Number)
}
