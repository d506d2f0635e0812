import { spawnSync } from 'node:child_process'
import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { NEWER_NODE } from '../../test/kit/newer-node.ts'
import { guardStdout, type StandardStreams } from './stdout-guard.ts'

function streams(): StandardStreams & { out: () => string; err: () => string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const read = (stream: PassThrough) => () => (stream.read() ?? '').toString()
  return {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    out: read(stdout),
    err: read(stderr),
  }
}

test('while guarded, only the wire reaches standard output; all else goes to standard error', async () => {
  const standard = streams()
  const guarded = guardStdout(standard)
  standard.stdout.write('chatter\n')
  await new Promise((written) => guarded.wire.write('{"jsonrpc":"2.0"}\n', written))
  expect([standard.out(), standard.err()]).toEqual(['{"jsonrpc":"2.0"}\n', 'chatter\n'])
  guarded.release()
  standard.stdout.write('after\n')
  expect([standard.out(), standard.err()]).toEqual(['after\n', ''])
})

/** Standard output as the pieces that it was given. */
function pieces(): { readonly stdout: NodeJS.WriteStream; readonly all: string[] } {
  const all: string[] = []
  const stdout = new Writable({
    decodeStrings: false,
    write(piece: string, _encoding, written) {
      all.push(piece)
      written()
    },
  })
  return { stdout: stdout as NodeJS.WriteStream, all }
}

test('messages of one turn go out in order and in one piece, unless they are long', async () => {
  const { stdout, all } = pieces()
  const { wire } = guardStdout({ ...streams(), stdout })
  const long = 'x'.repeat(200_000)
  const messages = ['one\n', 'two\n', long, long, 'three\n']
  await Promise.all(messages.map((message) => new Promise((written) => wire.write(message, written))))
  expect(all.join('') === messages.join('')).toBe(true)
  expect(all.length).toBeLessThan(messages.length)
  const before = all.length
  for (const message of ['one\n', 'two\n']) await new Promise((written) => wire.write(message, written))
  expect(all.slice(before)).toEqual(['one\n', 'two\n'])
})

test('a long message goes out in pieces that are never cut inside a character, before the next message', async () => {
  const standard = streams()
  const { stdout, all } = pieces()
  const { wire } = guardStdout({ ...standard, stdout })
  // One piece ends at an even place and the other at an odd one, whatever their length.
  const messages = ['😀'.repeat(500_000), `x${'😀'.repeat(500_000)}`, 'next']
  for (const message of messages) await new Promise((written) => wire.write(`${message}\n`, written))
  expect(all.join('') === `${messages.join('\n')}\n`).toBe(true)
  expect(all.every((piece) => piece.isWellFormed() && piece.length <= 300_000)).toBe(true)
})

test('a client that closed its end ends the wire and is no unhandled error', async () => {
  const standard = streams()
  const { wire } = guardStdout(standard)
  const failed = new Promise((resolve) => wire.once('error', resolve))
  standard.stdout.emit('error', new Error('EPIPE'))
  expect(await failed).toMatchObject({ message: 'EPIPE' })
})

test('in a process of its own, console.log of any library leaves standard output clean', () => {
  const script = `
    import { guardStdout } from './src/mcp/stdout-guard.ts'
    const { wire } = guardStdout(process)
    console.log('chatter'); console.info('more'); process.stdout.write('raw\\n')
    wire.write('{"jsonrpc":"2.0"}\\n')`
  const ran = spawnSync(NEWER_NODE, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  })
  expect(ran.stdout).toBe('{"jsonrpc":"2.0"}\n')
  expect(ran.stderr).toContain('chatter\nmore\nraw\n')
})
