declare const __VERSION__: string | undefined

/** The package's version, set when the product is built; `0.0.0-source` when the sources run directly, as in unit tests. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source'
