/** A person in front of a browser, as far as signing in needs one: follows redirects, keeps cookies, fills in the two forms. */
export interface Person {
  readonly username: string
  readonly password: string
  /** What the person answers when asked whether the client may act for them. */
  readonly consent: 'allow' | 'deny'
}

const MAX_PAGES = 12

/**
 * Opens the authorization address and does what each page asks, until the browser is sent back to `redirectUri`. Resolves with that
 * address, which carries the code or an error (RFC 6749 §4.1.2). Nothing needs to listen there.
 *
 * @throws Error when a page leads nowhere, such as one that says that the password is wrong.
 */
export async function signIn(authorizationUrl: string, redirectUri: string, person: Person): Promise<URL> {
  const cookies = new CookieJar()
  let next = new Request(authorizationUrl)
  let asked = ''
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const url = new URL(next.url)
    next.headers.set('cookie', cookies.headerFor(url))
    const response = await fetch(next, { redirect: 'manual' })
    cookies.remember(response, url)

    const location = response.headers.get('location')
    if (location !== null) {
      const target = new URL(location, url)
      if (target.href.startsWith(redirectUri)) return target
      next = new Request(target)
      continue
    }
    const html = await response.text()
    const form = formOf(html, person)
    // A form that comes back unchanged was not accepted.
    const question = form && `${url.pathname} ${form.get('action')}`
    if (form === undefined || question === asked) {
      throw new Error(`the sign-in page answered ${response.status}: ${textOf(html)}`)
    }
    asked = question ?? ''
    next = new Request(url, { method: 'POST', body: form })
  }
  throw new Error('the sign-in pages never led back to the client')
}

function formOf(html: string, { username, password, consent }: Person): URLSearchParams | undefined {
  if (html.includes('name="password"')) return new URLSearchParams({ action: 'login', username, password })
  if (html.includes('value="allow"')) return new URLSearchParams({ action: consent })
  return undefined
}

function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>|<title>[\s\S]*?<\/title>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}

/** Cookies of one origin by name and path (RFC 6265 §5.1.4); one set in the past is forgotten. */
class CookieJar {
  readonly #cookies = new Map<string, { readonly pair: string; readonly path: string }>()

  remember(response: Response, url: URL): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const path = attributes.find((part) => /^path=/i.test(part))?.slice('path='.length) ?? url.pathname
      const key = `${pair.slice(0, pair.indexOf('='))} ${path}`
      if (pair.endsWith('=')) this.#cookies.delete(key)
      else this.#cookies.set(key, { pair, path })
    }
  }

  headerFor(url: URL): string {
    return [...this.#cookies.values()]
      .filter(({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ pair }) => pair)
      .join('; ')
  }
}
