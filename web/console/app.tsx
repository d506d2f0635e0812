import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { signOut } from './bridge-client.ts'
import { closeFeed, isConnected } from './feed.ts'
import { messageOf } from './loaded.ts'
import { PAGES, type Page } from './pages.ts'
import { Link } from './parts/link.tsx'
import { Plain } from './parts/plain.tsx'
import { place } from './place.ts'
import { SignIn } from './sign-in.tsx'
import { keepTitle, pageTitle } from './title.ts'
import { WatchWaiting, waiting } from './waiting.ts'
import { askWho, holds, type Me, who } from './who.ts'

export function App() {
  useEffect(() => {
    void askWho()
    fetchPage(place.value[0])
  }, [])
  useEffect(() => keepTitle(), [])
  const now = who.value
  switch (now.state) {
    case 'asking':
      return (
        <p class="loading" role="status">
          Asking who is signed in…
        </p>
      )
    case 'out':
      return <SignIn />
    case 'failed':
      return (
        <main class="narrow">
          <h1>The bridge does not answer</h1>
          <p class="problem" role="alert">
            {now.why}
          </p>
          <button type="button" onClick={() => void askWho()}>
            Try again
          </button>
        </main>
      )
    case 'in':
      return <Frame me={now.me} />
  }
}

/** While it is asked who is signed in, what they most likely see comes already; what is wrong with it is told when it is shown. */
function fetchPage(path: string | undefined): void {
  PAGES.find((page) => page.path === path)
    ?.load()
    .catch(() => undefined)
}

function Frame({ me }: { me: Me }) {
  const open = PAGES.filter(({ roles }) => roles.some(holds))
  const [first = open[0]?.path] = place.value
  const page = open.find(({ path }) => path === first)
  return (
    <>
      {holds('approver') && <WatchWaiting />}
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        <Link to="/" className="name">
          SSH MCP Bridge
        </Link>
        {open.length > 0 && (
          <nav aria-label="Pages">
            <ul>
              {open.map(({ path, title }) => (
                <li key={path}>
                  <Link to={`/${path}`} current={path === page?.path}>
                    {title}
                    {path === 'approvals' && <Count of={waiting.value.length} />}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <div class="me">
          <span>
            <Plain text={me.name} />
            <small>{me.roles.join(', ') || 'no role'}</small>
          </span>
          <button
            type="button"
            onClick={async () => {
              await signOut()
              closeFeed()
              who.value = { state: 'out' }
            }}
          >
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {open.length === 0 ? (
          <NoRole me={me} />
        ) : page === undefined ? (
          <NotThere />
        ) : (
          <Room key={page.path} page={page} />
        )}
      </main>
      <footer>
        <span class={isConnected.value ? 'dot good' : 'dot'} aria-hidden="true" />
        {isConnected.value ? 'Live' : 'Not live: looking every few seconds'} · version {me.version}
      </footer>
    </>
  )
}

/** How many requests wait for whoever is signed in. */
function Count({ of }: { of: number }) {
  if (of === 0) return null
  return (
    <span class="count">
      {of}
      <span class="unheard"> waiting</span>
    </span>
  )
}

/** A page, fetched when it is gone to. */
function Room({ page }: { page: Page }) {
  const [Loaded, setLoaded] = useState<{ readonly it: ComponentType }>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    pageTitle.value = page.title
    page.load().then(
      (module) => setLoaded({ it: module.default }),
      (error: unknown) => setProblem(messageOf(error)),
    )
  }, [page])
  if (problem !== undefined)
    return (
      <div class="problem" role="alert">
        <p>This page could not be loaded. The bridge may have been updated.</p>
        <button type="button" onClick={() => location.reload()}>
          Load the console again
        </button>
      </div>
    )
  if (Loaded === undefined)
    return (
      <p class="loading" role="status">
        Loading {page.title}…
      </p>
    )
  return <Loaded.it />
}

function NoRole({ me }: { me: Me }) {
  return (
    <>
      <h1>Signed in, but not an operator</h1>
      <p>
        You are <Plain text={me.name} />. The console is for those whose token or key has one of the scopes{' '}
        <code>mcp:view</code>, <code>mcp:approve</code>, <code>mcp:audit</code> or <code>mcp:operate</code>.
        Ask whoever runs this bridge to give you one, then sign out and in again.
      </p>
    </>
  )
}

function NotThere() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>It may be one that you have no role for.</p>
    </>
  )
}
