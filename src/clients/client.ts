export const CLIENT_IDS = [
  'chatgpt',
  'claude',
  'claude-desktop',
  'claude-code',
  'vscode',
  'cursor',
  'codex',
  'gemini',
  'generic',
] as const

export type ClientId = (typeof CLIENT_IDS)[number]

/**
 * What one MCP client does, as far as its vendor documents it or it was seen doing it (November 2026). The one place for these facts:
 * the redirect hosts of the built-in login, `doctor`, `connect`, the `/connect` page and its checks are computed from them.
 */
export interface McpClient {
  readonly id: ClientId
  readonly title: string
  /** Where its requests come from. `cloud`: the bridge needs a public address with a certificate that the world trusts. */
  readonly runs: 'cloud' | 'local'
  /** Whose requests they are when it runs in a cloud, such as `OpenAI`. */
  readonly vendor: string
  readonly transports: readonly Transport[]
  /** Absent: it does not sign in. */
  readonly signIn?: SignIn
  /** How a request gets an API key; absent: it cannot send one. */
  readonly apiKey?: ApiKeyReference
  readonly limits: TimeLimits
  /** Where it keeps its servers; none: they are typed into its dialog. The first one is what `connect --write` changes. */
  readonly files: readonly ClientFile[]
  /** Its own command that adds a server. */
  readonly commandLine?: CommandLine
  /** What is typed where, for a server over HTTP without a file. */
  readonly dialog?: Dialog
  /** How one server looks in `files`; absent where there are none. */
  readonly entry?: Entry
  /** What the person does once the server is added; `NAME` stands for what it is called. */
  readonly next: { readonly stdio?: string; readonly http?: string; readonly signIn?: string }
  /** Another client whose way is taken over HTTP, because this one has none of its own. */
  readonly httpBy?: ClientId
  /** The page about it below `docs/`. */
  readonly page: string
  /** One sentence each. */
  readonly notes: readonly string[]
  /** The same, for whoever does not start the bridge over stdio. */
  readonly httpNotes?: readonly string[]
}

/** `sse` is the HTTP+SSE of 2024, which the bridge serves only when asked to. */
export type Transport = 'stdio' | 'http' | 'sse'

/** How a client gets a client id: known beforehand, by a document about it (CIMD), or by registering (RFC 7591). */
export type Registration = 'predefined' | 'cimd' | 'dcr'

export interface SignIn {
  /** In the order in which they are tried, as far as the authorization server offers them. */
  readonly registration: readonly Registration[]
  /** The client id that is the address of a document. */
  readonly metadataDocument?: string
  readonly redirects: readonly Redirect[]
  /** What it does first at the MCP address without a token, and what it reads then, in this order. */
  readonly discovery: Discovery
  /** How it authenticates at the token endpoint. */
  readonly tokenAuth: readonly ('none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt')[]
  /** Where the scopes come from that it asks for; the first one that says something counts. */
  readonly scopes: readonly ('configured' | 'challenge' | 'scopes_supported')[]
  /** RFC 8707: it sends `resource`, so the provider must take it. */
  readonly sendsResource: boolean
  /** What makes it give up, beyond what every client needs. */
  readonly needs: readonly SignInNeed[]
}

/**
 * `s256_metadata`: `code_challenge_methods_supported` with S256. `iss`: RFC 9207 in metadata and answers. `none_auth`: `none` among
 * `token_endpoint_auth_methods_supported`, for its metadata document. `same_resource`: `resource` in the metadata is letter for letter
 * what was typed. `first_server`: only the first of `authorization_servers` is used.
 */
export type SignInNeed = 's256_metadata' | 'iss' | 'none_auth' | 'same_resource' | 'first_server'

/** `PORT` stands for a port that the client picks, `{callback_id}` for what its form shows. */
export interface Redirect {
  readonly uri: string
  /** When it is used, if not always. */
  readonly when?: string
}

export interface Discovery {
  /** The first request: a method of MCP by POST, or a bare GET. */
  readonly opens: 'initialize' | 'server/discover' | 'GET'
  /** `challenge`: the address in `WWW-Authenticate`. `path`, `root`: RFC 9728 §3.1 with and without the path of the MCP address. */
  readonly resource: readonly ('challenge' | 'path' | 'root')[]
  /** RFC 8414 §3 with the issuer's path in the middle, OpenID Connect with it in the middle, and with it in front. */
  readonly server: readonly ('oauth' | 'oidc_inserted' | 'oidc_appended')[]
}

export interface ApiKeyReference {
  /** The value of a header that names an environment variable instead of holding the key. */
  readonly header: (variable: string) => string
}

export interface TimeLimits {
  /** After which it gives up on a call; absent: not documented. */
  readonly callMs?: number
  /** Until a server must have started and answered. */
  readonly startMs?: number
  /** For each request of discovery, registration and the token endpoint. */
  readonly signInMs?: number
  /** What changes them. */
  readonly changedBy?: string
}

export type Platform = 'linux' | 'darwin' | 'win32'

export interface ClientFile {
  readonly scope: 'user' | 'project'
  /** `~` is the home directory, `%APPDATA%` that of Windows; what begins with neither is below the project. */
  readonly path: Readonly<Record<Platform, string>>
  /** An environment variable that names another folder for the file. */
  readonly folderVariable?: string
  /** `jsonc`: JSON with comments and commas before a closing bracket. */
  readonly format: 'json' | 'jsonc' | 'toml'
  /** Where the servers are: keys of JSON, or the name in front of a TOML table. */
  readonly key: string
}

/** What a client's file says about one server; with what stands beside it in the file, such as a question for the key. */
export type Entry = (server: Server) => EntryOf

export interface EntryOf {
  readonly entry: Readonly<Record<string, unknown>>
  /** VS Code: the questions that it asks once, as they stand in `inputs` of the file. */
  readonly inputs?: readonly Readonly<Record<string, unknown>>[]
}

export interface CommandLine {
  /** Words as the program takes them, not quoted for a shell. */
  readonly words: (server: NamedServer) => readonly string[]
}

export interface Dialog {
  readonly where: string
  /** In the order of the form. */
  readonly fields: (server: NamedServer) => readonly (readonly [field: string, value: string])[]
}

export interface NamedServer {
  readonly name: string
  readonly server: Server
}

/** One bridge as a client is told about it. */
export type Server =
  | { readonly transport: 'stdio'; readonly command: string; readonly args: readonly string[] }
  | { readonly transport: 'http'; readonly url: string; readonly auth: ServerAuth }

export type ServerAuth =
  | { readonly by: 'nothing' }
  /** `variable`: the environment variable that holds the key. */
  | { readonly by: 'key'; readonly variable: string }
  | {
      readonly by: 'sign_in'
      readonly scopes: readonly string[]
      /** A client may register itself, or be known by a document; else its id must be typed. */
      readonly registers: boolean
    }
