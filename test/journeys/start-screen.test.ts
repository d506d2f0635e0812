import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../kit/free-port.ts'
import { type Home, makeHome, startProduct } from '../kit/product.ts'
import { CTRL_C, startInTerminal, type TerminalProgram } from '../kit/terminal-program.ts'

let home: Home
let terminal: TerminalProgram | undefined

beforeEach(async () => {
  home = await makeHome()
})

afterEach(async () => {
  terminal?.kill()
  terminal = undefined
  await home.remove()
})

const HOST = '  - {name: web-1, host: 192.0.2.1, username: admin, password: open sesame}\n'
const RULES =
  'rules:\n  - {name: look, actions: [read], effect: allow}\n  - {name: ask, effect: approve, self_approve: true}\n'

function atTerminal(...args: string[]): TerminalProgram {
  const env = { HOME: home.directory }
  terminal = startInTerminal(args, { env, cwd: home.directory })
  return terminal
}

describe('serve at a terminal', () => {
  test('says where it is, who may call, which hosts there are and what to do next; Ctrl-C ends it', async () => {
    const port = await freePort()
    const server = `{enable_http: true, port: ${port}, oauth: {mode: embedded}, public_url: "https://ssh-mcp.example.com"}`
    home.configure(`server: ${server}\nhosts:\n${HOST}${RULES}`)
    const bridge = atTerminal('serve', home.configPath)
    const screen = await bridge.until('Ctrl-C')
    for (const words of [
      /clients use +https:\/\/ssh-mcp\.example\.com\/mcp\r/,
      new RegExp(`listens on +http://127\\.0\\.0\\.1:${port}\r`),
      /who calls +people sign in here\r/,
      /hosts +1: web-1\r/,
      /rules +2 rules \(1 allow, 1 ask a person\)/,
      /console +https:\/\/ssh-mcp\.example\.com\/console\r/,
      /next +ssh-mcp-bridge connect CLIENT /,
    ])
      expect(screen).toMatch(words)
    bridge.press(CTRL_C)
    // Log lines go on beneath it.
    await bridge.until('Stopping: SIGINT')
    expect(await bridge.ended).toBe(0)
  })

  test('over stdio it says that a client starts it, and what to type for that', async () => {
    home.configure(`hosts:\n${HOST}`)
    const bridge = atTerminal('serve', home.configPath, '--stdio')
    await bridge.until('waits for an MCP client')
    expect(await bridge.until('--stdio --write')).toContain(`connect CLIENT ${home.configPath}`)
    bridge.press(CTRL_C)
    expect(await bridge.ended).toBe(0)
  })

  test('with log lines as JSON there is nothing else among them', async () => {
    home.configure(`server: {enable_http: true, port: 0, log_format: json}\nhosts:\n${HOST}`)
    const bridge = atTerminal('serve', home.configPath)
    await bridge.until('Listening on')
    bridge.press(CTRL_C)
    expect(await bridge.ended).toBe(0)
    const lines = bridge.written().replace('^C', '').trim().split(/\r?\n/)
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([])
  })
})

test('without a terminal serve writes log lines alone, and nothing on standard output', async () => {
  home.configure(`server: {enable_http: true}\nhosts:\n${HOST}`)
  const product = await startProduct(home)
  let out = ''
  product.process.stdout.on('data', (text: Buffer) => {
    out += String(text)
  })
  await product.stop()
  expect(out).toBe('')
  expect(product.stderr()).not.toContain('clients use')
  const lines = product.stderr().trim().split('\n')
  expect(lines.filter((line) => !/^\d{4}-\d\d-\d\d /.test(line))).toEqual([])
})
