import { describe, expect, test } from 'vitest'
import { isSecretHandle, mayHoldSecret } from './secret.ts'

describe('a variable may be given a value from a host', () => {
  test.each([
    'TOKEN',
    'PGPASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'GIT_TOKEN',
    'x',
    '_pw',
    'http_proxy_password',
  ])('where nothing takes orders from it: %s', (name) => expect(mayHoldSecret(name)).toBe(true))

  test.each([
    ...['PATH', 'path', 'Path', 'LD_PRELOAD', 'LD_AUDIT', 'DYLD_INSERT_LIBRARIES', 'BASH_ENV', 'ENV', 'IFS'],
    ...[
      'SHELLOPTS',
      'BASHOPTS',
      'PS4',
      'PROMPT_COMMAND',
      'ZDOTDIR',
      'fpath',
      'GIT_SSH_COMMAND',
      'GIT_ASKPASS',
    ],
    ...[
      'SSH_MCP_COMMAND',
      'SUDO_ASKPASS',
      'PYTHONPATH',
      'PERL5OPT',
      'RUBYOPT',
      'NODE_OPTIONS',
      'JAVA_TOOL_OPTIONS',
    ],
    ...[
      'PAGER',
      'EDITOR',
      'HOME',
      'PWD',
      'UID',
      'TERM',
      'LC_ALL',
      '_',
      '__ssh_mcp_left',
      'OPENSSL_CONF',
      'status',
    ],
  ])('and nowhere else: %s', (name) => expect(mayHoldSecret(name)).toBe(false))

  test.each(['', '1A', 'A B', 'A-B', 'A=B', 'A\nB', 'A;id', '$A', 'Ä', 'A'.repeat(129)])(
    'nor by what is no name: %j',
    (name) => expect(mayHoldSecret(name)).toBe(false),
  )
})

test('a handle is 64 bits in hex behind its prefix, and nothing else is one', () => {
  expect(isSecretHandle('secret:0123456789abcdef')).toBe(true)
  for (const text of [
    'secret:',
    'secret:0123',
    'secret:0123456789ABCDEF',
    'x secret:0123456789abcdef',
    'secret:0123456789abcdef\n',
  ])
    expect(isSecretHandle(text)).toBe(false)
})
