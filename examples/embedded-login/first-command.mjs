// From nothing to a first command by the built-in login. Plays the operator, the person in front of the browser, and the client:
//   node first-command.mjs CONFIG HOST
// SSH_MCP_BRIDGE is the program, if it is not `ssh-mcp-bridge` on the path.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import { Browser, signInAtGlewlwyd } from './browser.mjs'

const [config = 'config.yaml', host = 'web-server'] = process.argv.slice(2)
const [program, ...first] = (process.env.SSH_MCP_BRIDGE ?? 'ssh-mcp-bridge').split(' ')
/** Nothing needs to listen there: the code is read from the address that the browser is sent to. */
const CALLBACK = 'http://127.0.0.1:33418/callback'

const hasUpstream = process.env.PERSON !== undefined
const person = {
  username: process.env.PERSON ?? 'alice',
  password: process.env.PASSWORD ?? randomBytes(16).toString('hex'),
}
const done = (what) => console.log(`✔ ${what}`)
const users = (...args) =>
  execFileSync(program, [...first, 'users', ...args, '--config', config], { encoding: 'utf8', stdio: 'pipe' })

/** The bridge, once it listens. What it says is shown only when it does not come up. */
async function startBridge() {
  const child = spawn(program, [...first, config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  const url = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text
      const listening = /Listening on (http:\/\/[^\s,]+)/.exec(said)
      if (listening) resolve(listening[1])
    })
    child.once('exit', (code) => reject(new Error(`the bridge ended with ${code}:\n${said}`)))
  })
  return { url, stop: () => child.kill('SIGTERM') }
}

async function chooseAPassword(link) {
  const browser = await new Browser(CALLBACK).open(link)
  await browser.submit({ action: 'password', password: person.password, again: person.password })
  await browser.submit({ action: 'skip' })
  if (!browser.html.includes('You are ready')) throw new Error('the set-up link did not lead to a password')
}

/** The person: signs in, here or at the provider, and says yes to the client. */
async function browse(address, bridge) {
  const browser = await new Browser(CALLBACK, ...(hasUpstream ? [bridge] : [])).open(address)
  if (hasUpstream) await browser.open(await signInAtGlewlwyd(browser.url, person))
  else await browser.submit({ action: 'login', ...person })
  await browser.submit({ action: 'allow' })
  if (!browser.url.startsWith(CALLBACK))
    throw new Error(`the sign-in ended at ${browser.url} (${browser.status})`)
  return new URL(browser.url)
}

/** What an application keeps between its steps. */
function application() {
  const kept = {}
  return {
    sentTo: undefined,
    redirectUrl: CALLBACK,
    clientMetadata: {
      client_name: 'First command',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => Object.assign(kept, { client }),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => Object.assign(kept, { tokens }),
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (verifier) => Object.assign(kept, { verifier }),
    discoveryState: () => kept.discovery,
    saveDiscoveryState: (discovery) => Object.assign(kept, { discovery }),
    redirectToAuthorization(url) {
      this.sentTo = url
    },
  }
}

async function connect(url) {
  const authProvider = application()
  const transport = () => new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider })
  const unknown = transport()
  await new Client({ name: 'first-command', version: '1.0.0' }).connect(unknown).catch((error) => {
    if (!(error instanceof UnauthorizedError)) throw error
  })
  done('the client found the authorization server, and registered')
  const back = await browse(authProvider.sentTo.href, url)
  done(`${person.username} signed in, and allowed it`)
  await unknown.finishAuth(back.searchParams)
  const client = new Client({ name: 'first-command', version: '1.0.0' })
  await client.connect(transport())
  return client
}

let bridge
try {
  const link = hasUpstream ? undefined : JSON.parse(users('add', person.username, '--json')).set_up_link
  if (link) done(`${person.username} was added`)
  bridge = await startBridge()
  done(`the bridge listens on ${bridge.url}`)
  if (link) {
    await chooseAPassword(link)
    done(`${person.username} chose a password at the link`)
  }
  const client = await connect(bridge.url)
  const arguments_ = { host, command: 'echo hello' }
  const { structuredContent: answer } = await client.callTool({
    name: 'execute_command',
    arguments: arguments_,
  })
  await client.close()
  if (answer?.stdout !== 'hello\n') throw new Error(`the command was answered ${JSON.stringify(answer)}`)
  done(`execute_command on ${host}: ${answer.stdout.trim()}`)
  if (link) users('remove', person.username)
} catch (error) {
  console.error(`✘ ${(error.stderr || error.message).trim()}`)
  process.exitCode = 1
} finally {
  bridge?.stop()
}
