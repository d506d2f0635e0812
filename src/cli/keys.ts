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
      .option('--expires <date>', 'the day from which on it is refused (UTC), e.g. 2027-01-31')
      .action((name: string, options: { scopes: string; expires?: string }) => {
        if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/.test(name)) {
          throw new UsageError(
            `not a key name: ${JSON.stringify(name)}; write 1 to 63 of A-Z a-z 0-9 . _ @ -`,
          )
        }
        if (options.expires !== undefined && !isDay(options.expires)) {
          throw new UsageError(`not a date: ${JSON.stringify(options.expires)}; write it as 2027-01-31`)
        }
        const scopes = scopesOf(options.scopes)
        const key = `smb_${randomHex()}`
        say(`The key, shown only now:\n\n  ${key}\n`)
        say(
          'Put this into your configuration; where server.api_keys is there already, add the last lines to it:\n',
        )
        say(entryOf(name, key, scopes, options.expires))
        exit(0)
      })
  },
}

/** RFC 6749 §3.3: a scope is printable ASCII without space, quote and backslash. */
function scopesOf(list: string): string[] {
  const scopes = list.split(',').map((scope) => scope.trim())
  const wrong = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (wrong !== undefined)
    throw new UsageError(`not a scope: ${JSON.stringify(wrong)}; write --scopes mcp:execute,mcp:admin`)
  return scopes
}

/** A day that is in the calendar: the 31st of February is none. */
function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(text).toJSON()?.startsWith(text) === true
}

/** YAML as it can be pasted. In quotes, because a name such as `2027`, or a hash of digits only, would be read as a number. */
function entryOf(name: string, key: string, scopes: readonly string[], expires: string | undefined): string {
  const lines = [
    'server:',
    '  api_keys:',
    `    - name: ${JSON.stringify(name)}`,
    `      sha256: "${createHash('sha256').update(key).digest('hex')}"`,
    `      scopes: [${scopes.map((scope) => JSON.stringify(scope)).join(', ')}]`,
  ]
  return [...lines, ...(expires ? [`      expires: "${expires}"`] : [])].join('\n')
}
