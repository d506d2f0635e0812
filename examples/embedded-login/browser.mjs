// A browser without scripts, as far as signing in needs one.

/** Keeps cookies, follows redirects, posts forms. Stops before an address that begins with one of `stopAt`, or leaves `stayAt`. */
export class Browser {
  url = ''
  status = 0
  html = ''
  #cookies = new Map()

  constructor(stopAt, stayAt) {
    this.stopAt = stopAt
    this.stayAt = stayAt
  }

  open(url) {
    return this.#go(url)
  }

  submit(fields) {
    return this.#go(this.url, new URLSearchParams(fields))
  }

  async #go(address, form) {
    let body = form
    for (this.url = address; !this.#isAtTheEnd(); body = undefined) {
      const url = new URL(this.url)
      const answer = await this.#ask(url, body)
      const location = answer.headers.get('location')
      if (location === null) {
        this.status = answer.status
        this.html = await answer.text()
        return this
      }
      this.url = new URL(location, url).href
    }
    return this
  }

  #isAtTheEnd() {
    return (
      this.url.startsWith(this.stopAt) || (this.stayAt !== undefined && !this.url.startsWith(this.stayAt))
    )
  }

  async #ask(url, body) {
    const cookie = [...this.#cookies.values()]
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ pair }) => pair)
      .join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(body && { method: 'POST', body }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/'
      const key = `${pair.split('=')[0]} ${path}`
      if (pair.endsWith('=')) this.#cookies.delete(key)
      else this.#cookies.set(key, { pair, path })
    }
    return answer
  }
}

/** What glewlwyd's own login page does with its API: who that is, what the client may know, and back. */
export async function signInAtGlewlwyd(address, { username, password }) {
  const asked = new URL(address)
  const api = address.slice(0, address.indexOf('/api/') + '/api'.length)
  const client = asked.searchParams.get('client_id')
  let cookie = ''
  const send = async (method, url, content) => {
    const headers = { cookie, 'content-type': 'application/json' }
    const body = content && JSON.stringify(content)
    const answer = await fetch(url, { method, redirect: 'manual', headers, ...(body && { body }) })
    if (answer.status >= 400) throw new Error(`glewlwyd did not sign ${username} in: ${answer.status}`)
    cookie =
      answer.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ') || cookie
    return answer
  }
  await send('POST', `${api}/auth`, { username, password })
  await send('PUT', `${api}/auth/grant/${client}`, { scope: 'openid' })
  const back = await send('GET', `${address}&g_continue`)
  return back.headers.get('location')
}
