import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Home, makeHome } from '../../test/kit/product.ts'
import { runCli } from '../../test/kit/run-cli.ts'

let home: Home

beforeAll(async () => {
  home = await makeHome()
  home.configure('hosts: []\n')
  await locks('add', '--client', 'chatty', '--reason', 'too chatty')
})

afterAll(() => home.remove())

function locks(...args: string[]) {
  return runCli('locks', ...args, '--config', home.configPath)
}

const count = async () => JSON.parse((await locks('list', '--json')).out).locks.length

/** Somebody at a terminal who writes that; undefined: nobody is there. */
function writing(text: string | undefined): void {
  const input = Object.assign(new PassThrough(), { isTTY: text !== undefined })
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(input as unknown as typeof process.stdin)
  input.end(text ?? '')
}

test.each([['no\n'], ['y\n'], ['\n'], ['']])('a reset lifts nothing for %j', async (text) => {
  writing(text)
  const { code, out, err } = await locks('reset')
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('Nothing was lifted.')
  expect(await count()).toBe(1)
})

test('a reset that nobody can be asked about lifts nothing, and says how a script does it', async () => {
  writing(undefined)
  expect(await locks('reset')).toMatchObject({ code: 1, err: expect.stringContaining('--yes') })
  expect(await count()).toBe(1)
})

test('a reset shows what is locked, asks, and lifts it for a yes', async () => {
  writing('Yes\n')
  const { code, out, err } = await locks('reset')
  expect([code, out]).toEqual([0, 'Nothing is locked any more.\n'])
  expect(err).toMatch(/too chatty\nLift every lock \(yes\/no\)\? /)
  expect(await count()).toBe(0)
})

test('a reset of a script does not ask', async () => {
  writing(undefined)
  expect(await locks('reset', '--yes')).toMatchObject({ code: 0, out: 'Nothing is locked any more.\n' })
})
