/**
 * The same response, and `onEnd` told once: `done` when everything was read, `gone` when the client went away before. Without a body
 * it is done at once.
 */
export function watchBody(response: Response, onEnd: (how: 'done' | 'gone') => void): Response {
  const { body, status, headers } = response
  if (body === null) {
    onEnd('done')
    return response
  }
  const reader = body.getReader()
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (!done) return controller.enqueue(value)
      onEnd('done')
      controller.close()
    },
    async cancel(reason) {
      onEnd('gone')
      await reader.cancel(reason)
    },
  })
  return new Response(watched, { status, headers })
}
