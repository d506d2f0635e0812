import { expect, test, vi } from 'vitest'
import { run } from './run.ts'

async function told(...argv: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const tell = (text: string | Uint8Array) => lines.push(String(text)) > 0
  vi.spyOn(process.stdout, 'write').mockImplementation(tell)
  vi.spyOn(process.stderr, 'write').mockImplementation(tell)
  const code = await run(argv)
  vi.restoreAllMocks()
  return { code, text: lines.join('') }
}

test.each([[['hsots', 'test']], [['tset']], [['Serve', 'config.yaml']]])(
  'a mistyped command is told as that, not as a configuration that is missing: %j',
  async (argv) => {
    expect(await told(...argv)).toEqual({
      code: 2,
      text: `ssh-mcp-bridge: "${argv[0]}" is neither a command nor a file (ssh-mcp-bridge --help tells more)\n`,
    })
  },
)

test.each([[['nonexistent.yaml']], [['serve', 'nonexistent']], [['validate', 'nonexistent']]])(
  'a file that is missing is told as a file: %j',
  async (argv) => {
    expect(await told(...argv)).toMatchObject({
      code: 2,
      text: expect.stringContaining('the configuration does not exist'),
    })
  },
)

test.each([
  [['audit', 'verify', '--bogus'], "unknown option '--bogus'", 'ssh-mcp-bridge audit verify'],
  [['backup'], "missing required argument 'file'", 'ssh-mcp-bridge backup'],
  [['hosts', 'bogus'], "unknown command 'bogus'", 'ssh-mcp-bridge hosts'],
])('what is mistyped is told with the help of that very command: %j', async (argv, what, command) => {
  expect(await told(...argv)).toEqual({
    code: 2,
    text: `ssh-mcp-bridge: ${what}\n(${command} --help tells more)\n`,
  })
})

test('every command answers --help, and --version is a version, with exit code 0', async () => {
  for (const argv of [
    [],
    ['serve'],
    ['validate'],
    ['demo'],
    ['hosts', 'trust'],
    ['keys', 'create'],
    ['config', 'schema'],
  ])
    expect(await told(...argv, '--help')).toMatchObject({ code: 0, text: expect.stringContaining('Usage:') })
  expect(await told('--version')).toMatchObject({ code: 0 })
})
