import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sudoLine } from './sudo-line.ts'

const NONCE = '0123456789abcdef0123456789abcdef'
const directory = mkdtempSync(join(tmpdir(), 'bridge-sudo-line-'))

beforeAll(() => {
  mkdirSync(join(directory, "it's here"))
  // In sudo's place: runs what stands behind `--`.
  writeFileSync(
    join(directory, 'sudo'),
    '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n',
  )
  chmodSync(join(directory, 'sudo'), 0o755)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe.each(['bash', 'dash', 'zsh'])(
  'the line for a command as root, under a login shell that is %s',
  (name) => {
    const shell = `/bin/${name}`
    const run = (command: string, workingDirectory?: string, environment: NodeJS.ProcessEnv = {}) => {
      const about = { nonce: NONCE, command, disablePager: true }
      const line = sudoLine(
        { ...about, ...(workingDirectory !== undefined && { workingDirectory }) },
        { kind: 'nopasswd' },
        { prompt: 'unused' },
      )
      const env = { PATH: `${directory}:/usr/bin:/bin`, HOME: directory, SHELL: shell, ...environment }
      const ran = spawnSync(shell, ['-c', line], { env, input: 'not for the command', encoding: 'utf8' })
      return { line, code: ran.status, out: ran.stdout, err: ran.stderr, pid: ran.pid }
    }

    test.each([undefined, 'C.UTF-8'])('leaves arguments, locale and input as they were (%s)', (locale) => {
      const show = 'echo "[$0] [$#] [${LC_ALL-unset}] [$PWD] [$PAGER] [$SSH_MCP_COMMAND]"; cat; exit 3'
      const ran = run(show, "~/it's here", locale === undefined ? {} : { LC_ALL: locale })
      expect(ran).toMatchObject({
        code: 3,
        out: `[${shell}] [0] [${locale ?? 'unset'}] [${directory}/it's here] [cat] [${NONCE}]\n`,
        err: `${NONCE} ${ran.pid}\n`,
      })
    })

    test('keeps quotes and lines of the command, and runs it only in its directory', () => {
      expect(run(`echo 'a "b"' "it's"\ncat <<'END'\n$x \`y\`\nEND`).out).toBe('a "b" it\'s\n$x `y`\n')
      expect(run('echo ran', '/no/such')).toMatchObject({ code: 125, out: '' })
    })

    test('holds no announcement itself: a sudo that repeats it does not announce the command', () => {
      expect(run('true').line).not.toContain(`${NONCE} `)
    })
  },
)
