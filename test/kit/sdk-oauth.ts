import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import { type OAuthApplication, oauthApplication } from './oauth-application.ts'

/** Nothing listens there: the code is read from the redirect itself. */
export const CALLBACK = 'http://127.0.0.1:9/callback'

/** The official client on its whole way: discovery, registration, the person in front of `browse`, the code, and connected. */
export async function connectWithOAuth(
  serverUrl: string,
  browse: (authorizationUrl: string) => Promise<string>,
  application: OAuthApplication = oauthApplication({ redirectUrl: CALLBACK }),
): Promise<Client> {
  const open = () => new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider: application })
  const client = () => new Client({ name: 'journey', version: '1.0.0' })
  const [first, transport] = [client(), open()]
  try {
    await first.connect(transport)
    return first
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error
  }
  const back = new URL(await browse(application.sentTo?.href ?? ''))
  await transport.finishAuth(back.searchParams)
  const second = client()
  await second.connect(open())
  return second
}
