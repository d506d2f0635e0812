import type Provider from 'oidc-provider'
import type { errors, interactionPolicy } from 'oidc-provider'

export interface ProviderLibrary {
  readonly Provider: typeof Provider
  readonly errors: typeof errors
  readonly interactionPolicy: typeof interactionPolicy
}

/**
 * The provider library, read only when an authorization server is really wanted. It greets an old Node.js with a warning on the
 * console at import; the versions this package runs on are tested with it, so that one line is kept from the reader's terminal.
 */
export async function loadProvider(): Promise<ProviderLibrary> {
  const warn = console.warn
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn.apply(console, words)
  }
  try {
    const library = await import('oidc-provider')
    return { Provider: library.default, errors: library.errors, interactionPolicy: library.interactionPolicy }
  } finally {
    console.warn = warn
  }
}
