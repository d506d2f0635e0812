/** argv → exit code. Placeholder until the first command lands in this commit series. */
export async function run(argv: readonly string[]): Promise<number> {
  process.stderr.write(`ssh-mcp-bridge: nothing to do for ${argv.join(' ')}\n`)
  return 2
}
