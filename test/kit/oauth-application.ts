import type { OAuthClientProvider } from '@modelcontextprotocol/client'

export type Tokens = Exclude<Awaited<ReturnType<OAuthClientProvider['tokens']>>, undefined>
type Known = Awaited<ReturnType<NonNullable<OAuthClientProvider['clientInformation']>>>

/** What an application keeps for the official client between its steps. */
export interface OAuthApplication extends OAuthClientProvider {
  /** Where the person was sent. */
  sentTo?: URL
  /** The last ones; may be changed by a test. */
  kept: Tokens | undefined
  client: Known
}

export interface ApplicationOptions {
  readonly redirectUrl: string
  readonly name?: string
  /** The address of a document about the client, instead of registration. */
  readonly clientMetadataUrl?: string
}

export function oauthApplication({
  redirectUrl,
  name = 'Official client',
  clientMetadataUrl,
}: ApplicationOptions): OAuthApplication {
  let verifier = ''
  let discovered: ReturnType<NonNullable<OAuthClientProvider['discoveryState']>>
  const application: OAuthApplication = {
    kept: undefined,
    client: undefined,
    redirectUrl,
    ...(clientMetadataUrl !== undefined && { clientMetadataUrl }),
    clientMetadata: {
      client_name: name,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => application.client,
    saveClientInformation: (information) => {
      application.client = information
    },
    tokens: () => application.kept,
    saveTokens: (given) => {
      application.kept = given
    },
    redirectToAuthorization: (url) => {
      application.sentTo = url
    },
    saveCodeVerifier: (text) => {
      verifier = text
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state) => {
      discovered = state
    },
    discoveryState: () => discovered,
  }
  return application
}
