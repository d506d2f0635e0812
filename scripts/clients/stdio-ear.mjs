// `node stdio-ear.mjs FILE COMMAND…`: runs the command as it is and keeps what its caller says to it in the file.
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import process from 'node:process'

const [file, command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] })
process.stdin.on('data', (chunk) => {
  appendFileSync(file, chunk)
  child.stdin.write(chunk)
})
process.stdin.once('end', () => child.stdin.end())
child.stdin.on('error', () => undefined)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => child.kill(signal))
child.once('exit', (code) => process.exit(code ?? 1))
