import { spawn } from 'node:child_process'
import { shellLine } from '../../src/clients/configuration.ts'
import { PROGRAM } from './product.ts'

export interface TerminalOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly columns?: number
  /** In place of the built product. */
  readonly program?: readonly string[]
}

/** The built product as somebody at a terminal has it: standard input, output and error are one pseudo-terminal. */
export interface TerminalProgram {
  /** All that was written up to now, control sequences too. */
  written(): string
  /** Resolves to what was written since the last `until`, up to the words and with them; rejects when the program ends before. */
  until(words: string | RegExp): Promise<string>
  /** Typed, with Enter behind it. */
  type(line: string): void
  press(keys: string): void
  /** Waits for the words, then types. */
  answer(question: string | RegExp, line: string): Promise<string>
  /** The exit code. */
  readonly ended: Promise<number>
  kill(): void
}

export const CTRL_C = '\u0003'

/** `script` of Debian's bsdutils makes the terminal. */
export function startInTerminal(
  args: readonly string[],
  { env = {}, cwd, columns = 100, program = [process.execPath, PROGRAM] }: TerminalOptions = {},
): TerminalProgram {
  const line = `stty cols ${columns} rows 40; exec ${shellLine([...program, ...args])}`
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let all = ''
  let read = 0
  let hasEnded = false
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    all += text
    tell()
  })
  const ended = new Promise<number>((resolve) =>
    child.once('close', (code) => {
      hasEnded = true
      tell()
      resolve(code ?? -1)
    }),
  )
  const until = (words: string | RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const rest = all.slice(read)
        const found = typeof words === 'string' ? find(rest, words) : words.exec(rest)
        if (found) {
          const end = found.index + found[0].length
          read += end
          listeners.delete(look)
          resolve(rest.slice(0, end))
        } else if (hasEnded) reject(new Error(`it ended before it said ${String(words)}:\n${all}`))
      }
      listeners.add(look)
      look()
    })
  const press = (keys: string) => void child.stdin.write(keys)
  const type = (text: string) => press(`${text}\r`)
  return {
    written: () => all,
    until,
    press,
    type,
    async answer(question, text) {
      const told = await until(question)
      // The cursor is put behind the question once the program reads: what is typed before would be thrown away.
      await until(/\[\d*G|: $/)
      type(text)
      return told
    },
    ended,
    kill: () => void child.kill('SIGKILL'),
  }
}

function find(text: string, words: string): { index: number; 0: string } | undefined {
  const index = text.indexOf(words)
  return index < 0 ? undefined : { index, 0: words }
}
