/** A browser without scripts, as far as signing in needs one: cookies, redirects, forms. Each step shows where it ended. */
export class FormBrowser {
  /** Where it stands. */
  url = ''
  status = 0
  html = ''
  readonly headers: { retryAfter?: string } = {}
  readonly #stopAt: readonly string[]
  readonly #cookies = new Map<
    string,
    { readonly pair: string; readonly path: string; readonly origin: string }
  >()

  /** Addresses that begin so are not asked: nothing needs to listen there. */
  constructor(...stopAt: readonly string[]) {
    this.#stopAt = stopAt
  }

  open(url: string): Promise<this> {
    return this.#go(url)
  }

  /** Posts the page's form. */
  submit(fields: Readonly<Record<string, string>>): Promise<this> {
    return this.#go(this.url, new URLSearchParams(fields))
  }

  /** Without the style, one space between words. */
  get text(): string {
    return this.html
      .replace(/<style>[\s\S]*?<\/style>|<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  }

  async #go(address: string, form?: URLSearchParams): Promise<this> {
    let [next, body] = [address, form]
    for (let redirects = 0; redirects < 15; redirects += 1) {
      this.url = next
      if (this.#stopAt.some((begin) => next.startsWith(begin))) return this
      const url = new URL(next)
      const answer = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: this.#cookiesFor(url), ...(body && { origin: url.origin }) },
        ...(body && { method: 'POST', body }),
      })
      this.#remember(answer, url)
      const location = answer.headers.get('location')
      if (location === null) {
        this.status = answer.status
        this.html = await answer.text()
        this.headers.retryAfter = answer.headers.get('retry-after') ?? ''
        return this
      }
      ;[next, body] = [new URL(location, url).href, undefined]
    }
    throw new Error(`too many redirects, the last one to ${this.url}`)
  }

  #remember(answer: Response, { origin, pathname }: URL): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const path = attributes.find((part) => /^path=/i.test(part))?.slice('path='.length) ?? pathname
      const key = `${origin} ${pair.slice(0, pair.indexOf('='))} ${path}`
      if (pair.endsWith('=')) this.#cookies.delete(key)
      else this.#cookies.set(key, { pair, path, origin })
    }
  }

  #cookiesFor({ origin, pathname }: URL): string {
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.origin === origin)
      .filter(({ path }) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ pair }) => pair)
      .join('; ')
  }
}
