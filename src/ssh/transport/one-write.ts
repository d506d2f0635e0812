import type { Socket } from 'node:net'

/** After as much has been read in one turn, what is written next is the window adjust that the host waits for. */
const BULK_BYTES = 256 * 1024

/**
 * What is sent in one turn of the event loop goes out in one system call and one segment: ssh2 writes packet by packet, and a request,
 * the input that goes along and the answer to a close belong together. In a stream of bulk data nothing is held back.
 */
export function inOneWrite(socket: Socket): Socket {
  const write = socket.write
  let isCorked = false
  let bytesRead = 0
  socket.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    const isBulk = socket.bytesRead - bytesRead > BULK_BYTES
    bytesRead = socket.bytesRead
    if (!isCorked && !isBulk) {
      isCorked = true
      socket.cork()
      setImmediate(() => {
        isCorked = false
        socket.uncork()
      })
    }
    return write.apply(this, args)
  } as Socket['write']
  return socket
}
