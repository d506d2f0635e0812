import { createHash } from 'node:crypto'
import { randomHex } from '../lib/ids.ts'
import { type CliCommand, say, UsageError } from './command.ts'

export const keys: CliCommand = {
  register(program, exit) {
    const group = program.command('keys').description('API keys for clients that cannot sign in')
    group
      .command('create')
      .description('make a key: shown once, kept only as a hash')
      .argument('<name>', 'who or what uses it; this name appears in the audit')
      .option('--scopes <list>', 'what it may do, separated by commas', 'mcp:execute')
      .option('--expires <date>', 'the last day it is good for, e.g. 2027-01-31')
      .action((name: string, options: { scopes: string; expires?: string }) => {
        if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/.test(name)) {
          throw new UsageError(
            `not a key name: ${JSON.stringify(name)}; write 1 to 63 of A-Z a-z 0-9 . _ @ -`,
          )
        }
        if (options.expires !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(options.expires)) {
          throw new UsageError(`not a date: ${JSON.stringify(options.expires)}; write it as 2027-01-31`)
        }
        const key = `smb_${randomHex()}`
        say(`The key, shown only now:\n\n  ${key}\n\nAdd to server.api_keys in your configuration:\n`)
        say(
          entryOf(
            name,
            key,
            options.scopes.split(',').map((scope) => scope.trim()),
            options.expires,
          ),
        )
        exit(0)
      })
  },
}

function entryOf(name: string, key: string, scopes: readonly string[], expires: string | undefined): string {
  const lines = [
    `    - name: ${name}`,
    `      sha256: ${createHash('sha256').update(key).digest('hex')}`,
    `      scopes: [${scopes.map((scope) => JSON.stringify(scope)).join(', ')}]`,
  ]
  return [...lines, ...(expires ? [`      expires: ${expires}`] : [])].join('\n')
}
