import { expandPath, readPrivateFile, shellWord } from './file-mode.ts'
import type { Problem } from './problem.ts'
import { isRecord, textsOf } from './secret-paths.ts'
import type { Path, YamlSource } from './yaml-source.ts'

const REFERENCE = /\$\{(env|file):([^}]*)(\}|$)/g

export interface Resolved {
  readonly data: unknown
  /** The paths whose text came from elsewhere, as `pathKey`: their values are not shown and are not literal secrets. */
  readonly referenced: ReadonlySet<string>
  readonly problems: readonly Problem[]
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  /** Where relative paths begin: the folder of the configuration file. */
  readonly base: string
}

export const pathKey = (path: Path): string => JSON.stringify(path)

/** Replaces `${env:NAME}` and `${file:PATH}` in every text. What cannot be resolved is a problem and leaves null. */
export async function resolveReferences(source: YamlSource, around: Surroundings): Promise<Resolved> {
  const problems: Problem[] = []
  const values = new Map<string, string | null>()
  for (const { path, text } of textsOf(source.data)) {
    if (!/\$\{(env|file):/.test(text) || !source.isTrustworthy(path)) continue
    const parts: string[] = []
    let [end, isWhole] = [0, true]
    for (const match of text.matchAll(REFERENCE)) {
      const [whole, kind, name = '', closing] = match
      const found =
        closing === '}'
          ? await (kind === 'env' ? fromEnvironment(name, around) : fromFile(name, around))
          : { mistake: `a reference that begins with \${ has no closing }` }
      if ('mistake' in found) problems.push({ where: source.whereValue(path), message: found.mistake })
      isWhole &&= !('mistake' in found)
      parts.push(text.slice(end, match.index), 'text' in found ? found.text : '')
      end = match.index + whole.length
    }
    values.set(pathKey(path), isWhole ? parts.join('') + text.slice(end) : null)
  }
  if (values.size === 0) return { data: source.data, referenced: new Set(), problems }
  return { data: replace(source.data, [], values), referenced: new Set(values.keys()), problems }
}

type Found = { readonly text: string } | { readonly mistake: string }

function fromEnvironment(name: string, { env }: Surroundings): Found {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return { mistake: `\${env:…} must name an environment variable, such as \${env:SSH_MCP_API_KEY}` }
  const value = env[name]
  if (value === undefined || value === '')
    return { mistake: `the environment variable ${name} is not set: set it, or write the value another way` }
  return { text: value }
}

async function fromFile(path: string, { base, home }: Surroundings): Promise<Found> {
  if (path === '') return { mistake: `\${file:…} must name a file, such as \${file:/run/secrets/api_key}` }
  const file = await readPrivateFile(expandPath(path, base, home))
  if (file.kind === 'unreadable')
    return { mistake: `the file ${path} ${file.why}: write the path of a readable secret file` }
  if (file.isExposed)
    return {
      mistake: `the secret file ${path} can be read by others (mode ${file.mode}): run chmod 600 ${shellWord(path)}`,
    }
  const text = file.text.replace(/\r?\n$/, '')
  return text === '' ? { mistake: `the secret file ${path} is empty` } : { text }
}

function replace(value: unknown, path: Path, values: ReadonlyMap<string, string | null>): unknown {
  if (typeof value === 'string') return values.has(pathKey(path)) ? values.get(pathKey(path)) : value
  if (Array.isArray(value)) return value.map((item, index) => replace(item, [...path, index], values))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replace(item, [...path, key], values)]),
  )
}
