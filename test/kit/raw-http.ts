import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/**
 * Sends bytes as they are, for requests that no client library would make, and resolves when the server closes the connection, or has
 * sent the last chunk of an event stream, after which it may keep the connection whatever it was asked.
 * `{port}` in the text becomes the port.
 */
export function sendRaw(port: number, text: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.endsWith('\r\n0\r\n\r\n')) socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => (answer === '' ? reject(error) : undefined))
    socket.on('close', () => resolve(parseAnswer(answer)))
    socket.write(typeof text === 'string' ? text.replaceAll('{port}', String(port)) : text)
  })
}

export function parseAnswer(answer: string): RawAnswer {
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1] ?? 0), head, body: rest.join('\r\n\r\n') }
}
