import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { Duplex, type Readable, type Writable } from 'node:stream'
import type { HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Wire } from './transport.ts'
import { unreachable } from './unreachable.ts'

/** What may be put into a command line unquoted, as ssh_config(5) expects it to be. */
const PLAIN_WORD = /^[A-Za-z0-9_.:@%+][A-Za-z0-9_.:@%+-]*$/
/** More of one line of standard error is not logged. */
const LONGEST_LINE = 500

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * Runs the configured command with the user's shell; its standard input and output are the stream to the host. It is ended, with all it
 * started in its process group, when the connection is. What it prints on standard error is for the operator's log alone.
 */
export async function openProxyCommand(
  target: HostTarget,
  command: string,
  log: Log,
): Promise<Wire | NotStarted> {
  const line = expanded(command, target)
  if (line === undefined)
    return unreachable(
      target,
      'its proxy command cannot be run',
      'the address, user or name holds characters that a shell would read',
    )
  const child: Child = spawn(shell(), ['-c', line], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(),
    // A process group of its own, so that nothing of it is left.
    detached: true,
  })
  const failed = await new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve)
    child.once('spawn', () => resolve(undefined))
  })
  if (failed !== undefined) return unreachable(target, 'its proxy command cannot be run', failed.message)
  child.on('error', () => undefined)
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString().trim().slice(0, LONGEST_LINE)
    log.debug('The proxy command says', { host: target.host.name, text })
  })
  const stream = streamOf(child)
  return {
    stream,
    close: () => {
      stream.destroy()
      end(child)
    },
  }
}

/** ssh_config(5): %h, %p, %r, %n and %%. Undefined when a word could be taken for more than a word. */
function expanded(command: string, { address, port, username, host }: HostTarget): string | undefined {
  const words: Readonly<Record<string, string>> = {
    h: address,
    p: String(port),
    r: username,
    n: host.name,
    '%': '%',
  }
  let isSafe = true
  const line = command.replace(/%([hprn%])/g, (_all, letter: string) => {
    const word = words[letter] ?? ''
    if (letter !== '%' && !PLAIN_WORD.test(word)) isSafe = false
    return word
  })
  return isSafe ? line : undefined
}

function shell(): string {
  return process.env.SHELL || '/bin/sh'
}

/** What belongs to the bridge alone is not handed on. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SSH_MCP_')))
}

function streamOf({ stdin, stdout }: Child): Duplex {
  const stream = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, done),
    final: (done) => void stdin.end(() => done()),
    destroy: (error, done) => {
      stdin.destroy()
      stdout.destroy()
      done(error)
    },
  })
  stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) stdout.pause()
  })
  stdout.on('end', () => stream.push(null))
  stdin.on('error', (error) => stream.destroy(error))
  stdout.on('error', (error) => stream.destroy(error))
  return stream
}

function end({ pid, exitCode, signalCode }: Child): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGHUP')
  } catch {
    // It had ended by itself.
  }
}
