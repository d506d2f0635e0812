// A host that costs next to nothing, in a process of its own: `node simulated-host.mjs PRIVATE_KEY` lets in whoever comes and prints
// the port it listens on. Nothing is run: a line that says `sleep SECONDS` ends with status 0 after as long, any other at once.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import process from 'node:process'
import ssh2 from 'ssh2'

const hostKeys = [readFileSync(process.argv[2])]

function serve(channel, line) {
  channel.on('error', () => undefined)
  // As a shell does by which the bridge begins each line: the number it was given, and an id of a process.
  const [nonce] = /[0-9a-f]{32}/.exec(line) ?? []
  channel.stderr.write(`${nonce} 4711\n`)
  const [, seconds = '0'] = /^sleep ([\d.]+)$/m.exec(line) ?? []
  setTimeout(() => {
    channel.exit(0)
    channel.end()
  }, Number(seconds) * 1_000)
}

const listener = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined)
  const server = new ssh2.Server({ hostKeys }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => context.accept())
    connection.on('session', (accept) => {
      const session = accept()
      session.on('env', (acceptEnv) => acceptEnv?.())
      session.on('exec', (acceptExec, _reject, { command }) => serve(acceptExec(), command))
    })
  })
  server.injectSocket(socket)
})
listener.listen(0, '127.0.0.1', () => console.log(listener.address().port))
