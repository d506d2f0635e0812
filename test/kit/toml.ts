import { createRequire } from 'node:module'

interface TomlLibrary {
  parse(text: string): Record<string, unknown>
  stringify(value: object): string
}

/** A reader and writer of TOML that is not ours: it comes with a development tool. */
export const { parse: parseToml, stringify: tomlText } = createRequire(
  createRequire(import.meta.url).resolve('knip'),
)('smol-toml') as TomlLibrary
