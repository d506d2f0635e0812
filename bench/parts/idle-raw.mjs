// What idle connections of bare ssh2 weigh, in a process that does nothing else: `node --expose-gc idle-raw.mjs JSON` with
// {addresses, first, port, username, key} opens one to each address, runs `true` once on it, and prints by how many KiB each after the
// first ones let the process grow.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import process from 'node:process'
import { Client } from 'ssh2'

const { addresses, first, port, username, key } = JSON.parse(process.argv[2])
const privateKey = readFileSync(key)

const open = (host) =>
  new Promise((resolve, reject) => {
    const client = new Client()
    client.once('error', reject).once('ready', () =>
      client.exec('true', (error, channel) => {
        if (error) return reject(error)
        channel.on('close', resolve).resume()
        channel.stderr.resume()
        return channel.end()
      }),
    )
    const algorithms = { cipher: ['aes128-gcm@openssh.com'] }
    const sock = connect({ host, port, noDelay: true })
    client.connect({ sock, username, privateKey, hostVerifier: () => true, algorithms })
  })

const residentKiB = () => {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().rss / 1_024
}

for (const host of addresses.slice(0, first)) await open(host)
const before = residentKiB()
for (const host of addresses.slice(first)) await open(host)
console.log((residentKiB() - before) / (addresses.length - first))
process.exit()
