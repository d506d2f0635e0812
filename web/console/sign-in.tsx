import { useState } from 'preact/hooks'
import { signInWithKey, waysIn } from './bridge-client.ts'
import { messageOf, useLoaded } from './loaded.ts'
import { Show } from './parts/states.tsx'
import { BRIDGE, query } from './place.ts'
import { askWho } from './who.ts'

const PROBLEMS: Readonly<Record<string, string>> = {
  denied: 'You were not signed in: the sign-in was called off, or you are not allowed.',
  expired: 'The sign-in took too long, or was answered twice. Begin again.',
  failed:
    'The provider, or its answer, is at fault. The log of the bridge says more; ssh-mcp-bridge doctor looks at the provider.',
  too_often: 'Too many sign-ins were begun from this address. Wait a minute, then try again.',
  refused:
    'You were signed in, but the bridge does not accept the token. ssh-mcp-bridge doctor --token says why.',
  no_provider:
    'This bridge has no provider for the console: set console.client_id, or sign in with an API key.',
}

/** For whoever is not signed in. */
export function SignIn() {
  const ways = useLoaded('ways-in', waysIn)
  const problem = query.value.get('problem')
  return (
    <main class="narrow">
      <h1>SSH MCP Bridge console</h1>
      {problem !== null && (
        <p class="problem" role="alert">
          {PROBLEMS[problem] ?? 'You were not signed in.'}
        </p>
      )}
      <Show of={ways} what="how to sign in">
        {({ provider, key, open }) => (
          <>
            {provider && (
              <p>
                <a
                  class="button primary"
                  href={`${BRIDGE}/console/sign-in?to=${encodeURIComponent(pageOf(query.value))}`}
                >
                  Sign in
                </a>
              </p>
            )}
            {key && <KeyForm />}
            {!provider && !key && !open && (
              <p>
                Nobody can sign in here yet: configure server.oauth (and console.client_id), or
                server.api_keys.
              </p>
            )}
            {open && <p>This bridge asks nobody to sign in, and answers only to its own machine.</p>}
          </>
        )}
      </Show>
    </main>
  )
}

/** The page that was asked for, with what it was asked for. */
function pageOf(asked: URLSearchParams): string {
  const rest = new URLSearchParams(asked)
  rest.delete('problem')
  const path = location.pathname.slice(BRIDGE.length)
  return rest.size === 0 ? path : `${path}?${rest}`
}

function KeyForm() {
  const [problem, setProblem] = useState<string>()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const key = String(new FormData(event.currentTarget as HTMLFormElement).get('key') ?? '')
    try {
      await signInWithKey(key)
      await askWho()
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <form onSubmit={submit} class="key">
      <label>
        API key
        <input name="key" type="password" autoComplete="off" required />
      </label>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit">Sign in with the key</button>
    </form>
  )
}
