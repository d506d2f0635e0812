/**
 * Asks whoever sits at the terminal, on standard error, and resolves to whether they wrote `yes`; to undefined where nobody can be asked.
 */
export async function askYes(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // Whoever ends the input has not said yes.
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const said = await Promise.race([terminal.question(`${question} (yes/no)? `), ended])
  terminal.close()
  return said.trim().toLowerCase() === 'yes'
}
