// A long wire in a process of its own: `node delay-link.mjs TARGET_PORT ONE_WAY_MS` prints the port it listens on. Each byte is on its
// way for so long in each direction, and a connection takes the round trip of its TCP handshake. `ECHO` as the target sends back
// whatever comes, to find out how long the wire really is.
import { connect, createServer } from 'node:net'
import { PassThrough } from 'node:stream'

const [target, oneWay] = process.argv.slice(2)
const oneWayMs = Number(oneWay)

// Timers of the same length fire in the order in which they were set; those of a handshake are of another length, so each byte waits
// for what was sent before it.
function wire(write) {
  let earliestMs = 0
  let before = Promise.resolve()
  return (chunk, notBeforeMs = 0) => {
    const dueMs = Math.max(performance.now(), notBeforeMs, earliestMs) + oneWayMs
    earliestMs = dueMs - oneWayMs
    const arrived = new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()))
    before = before.then(() => arrived).then(() => write(chunk))
  }
}

const listener = createServer((client) => {
  client.setNoDelay(true)
  const openedMs = performance.now() + 2 * oneWayMs
  const early = new PassThrough()
  let server
  const up = wire((chunk) => (chunk === undefined ? (server ?? early).end() : (server ?? early).write(chunk)))
  const down = wire((chunk) => (chunk === undefined ? client.end() : client.write(chunk)))
  client.on('data', (chunk) => up(chunk, openedMs)).on('end', () => up(undefined, openedMs))
  client.on('error', () => server?.destroy()).on('close', () => server?.destroy())
  const begin = () => {
    server = target === 'ECHO' ? new PassThrough() : connect(Number(target), '127.0.0.1')
    server.setNoDelay?.(true)
    server.on('data', (chunk) => down(chunk)).on('end', () => down(undefined))
    server.on('error', () => client.destroy())
    early.pipe(server, { end: false })
  }
  setTimeout(begin, 3 * oneWayMs)
})
listener.listen(0, '127.0.0.1', () => console.log(listener.address().port))
