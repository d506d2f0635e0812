import { vi } from 'vitest'
import { run } from '../../src/cli/run.ts'

/** Runs the command line in this process, with what it prints caught. */
export async function runCli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0)
  try {
    return { code: await run(args), out: out.join(''), err: err.join('') }
  } finally {
    vi.restoreAllMocks()
  }
}
