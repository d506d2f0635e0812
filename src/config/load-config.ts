import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { HostTarget } from '../domain/host.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { buildConfig } from './build-config.ts'
import { checkHost, warnOfLegacy } from './check-host.ts'
import { checkHosts } from './check-hosts.ts'
import { checkSealing } from './check-oauth.ts'
import { checkPeople } from './check-people.ts'
import { checkServer } from './check-server.ts'
import { checkSinks } from './check-sinks.ts'
import type { Config } from './config.ts'
import { readCredential } from './credentials.ts'
import { checkShape, overlaps } from './draft.ts'
import { type Overrides, overlay } from './environment.ts'
import { expandPath, isExposed, modeText, shellWord, whyUnreadable } from './file-mode.ts'
import { toTarget } from './host-target.ts'
import { type ImportedHosts, importHosts } from './import-hosts.ts'
import { KeyFiles } from './key-files.ts'
import { type Problem, sortProblems, whereText } from './problem.ts'
import { checkSigningKey } from './read-audit.ts'
import { checkBudgets, rolesOf } from './read-budgets.ts'
import { checkRecording } from './read-recording.ts'
import type { RulesDraft } from './read-rules.ts'
import { pathKey, type Resolved, resolveReferences, type Surroundings } from './references.ts'
import { type Review, startReview } from './review.ts'
import { withRulesOf } from './rules-source.ts'
import { type Draft, draftSchema, type ServerDraft } from './schema.ts'
import { findSecrets } from './secret-paths.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export interface LoadOptions {
  /** The command line: wins over the environment, which wins over the file. */
  readonly overrides?: Overrides
  /** What `~` stands for. Default: `$HOME`, else the account's. */
  readonly home?: string
  readonly clock?: Clock
  /** Says who may do what in the place of the file. */
  readonly rulesOf?: YamlSource
}

/**
 * Reads, checks and converts a configuration file. Answers with every mistake at once, in reading order, and none of them holds the
 * value of a secret. Reads the files that are named in it, executes nothing, connects to nothing. Does not throw for a bad file.
 */
export async function loadConfig(
  file: string,
  env: NodeJS.ProcessEnv,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const read = await readText(file)
  if ('mistake' in read) {
    const where = { in: 'file', file, line: 1, column: 1 } as const
    return { ok: false, problems: [{ where, message: read.mistake }] }
  }
  const source = readYaml(file, read.text)
  const around = { env, home: options.home ?? homeOf(env), base: dirname(resolve(file)) }
  const loaded = await check(source, around, options, { file, isExposed: read.isExposed, mode: read.mode })
  return loaded.ok ? { ok: true, config: { ...loaded.config, file: resolve(file) } } : loaded
}

/** The same for a text that is in no file yet; `file` is where it will be. */
export function checkConfig(
  file: string,
  text: string,
  env: NodeJS.ProcessEnv,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const around = { env, home: options.home ?? homeOf(env), base: dirname(resolve(file)) }
  return check(readYaml(file, text), around, options, { file, isExposed: false, mode: '' })
}

/** The configuration without a file: stdio, with the hosts of `$SSH_MCP_SSH_CONFIG`, else of `~/.ssh/config` when there is one. */
export async function defaultConfig(
  env: NodeJS.ProcessEnv,
  home: string = homeOf(env),
  options: Omit<LoadOptions, 'home'> = {},
): Promise<LoadResult> {
  const named = env.SSH_MCP_SSH_CONFIG || undefined
  const path = named ?? '~/.ssh/config'
  // A file that was named must be there; the one that everybody has need not.
  const isThere = await stat(expandPath(path, home, home)).then(
    () => true,
    () => named !== undefined,
  )
  const source = readYaml(path, isThere ? `ssh_config: ${JSON.stringify(path)}\n` : '')
  return check(source, { env, home, base: home }, options, { file: path, isExposed: false, mode: '' })
}

interface FileFacts {
  readonly file: string
  readonly isExposed: boolean
  readonly mode: string
}

async function check(
  file: YamlSource,
  around: Surroundings,
  { overrides, clock = systemClock, rulesOf }: LoadOptions,
  facts: FileFacts,
): Promise<LoadResult> {
  const source = rulesOf ? withRulesOf(file, rulesOf) : file
  const resolved = await resolveReferences(source, around)
  const shape = checkShape(source, resolved)
  const draft = shape.draft ?? draftSchema.parse({})
  const laid = overlay(draft.server, around.env, overrides)
  const brokenKeys = [...laid.broken].map((key) => ['server', ...key.split('.')])
  const review = startReview(
    (path) =>
      (path[0] === 'server' ? laid.origins.get(path.slice(1).join('.')) : undefined) ??
      source.whereValue(path),
    (path) => shape.isBroken(path) || brokenKeys.some((key) => overlaps(path, key)),
  )
  const found = [...source.problems, ...resolved.problems, ...shape.problems, ...laid.problems]
  // After a syntax error the rest is a guess: what follows from it would be noise.
  if (!source.isSound) return { ok: false, problems: sortProblems(found) }

  checkServer(laid.server, clock.now(), review)
  checkSealing(laid.server, draft.storage.url, review)
  checkExposedSecrets(source, resolved, facts, review)
  const hosts = await readHosts(draft, around, resolved.referenced, review)
  if (hosts.length === 0) review.warn('No hosts are configured: add hosts, or ssh_config: ~/.ssh/config.')
  const rules = await reviewRules(draft, laid.server, hosts, review)
  checkPeople(draft, laid.server, review)
  checkBudgets(draft, review)
  checkSigningKey(draft.audit, review)
  checkSinks(draft.audit.sinks, laid.server, review)
  checkRecording(draft, review)
  const problems = sortProblems([...found, ...review.problems])
  if (problems.length > 0) return { ok: false, problems }
  const parts = { draft, server: laid.server, hosts, warnings: review.warnings }
  const placeOf = (index: number) => whereText(source.whereValue(['rules', index]))
  // Rules bring the whole of what is known of programs with them.
  const read = rules && { rules: (await import('./read-rules.ts')).readRules(rules, placeOf) }
  return { ok: true, config: buildConfig({ ...parts, ...read }, around) }
}

/** The rules, checked; undefined where none are configured. */
async function reviewRules(
  { roles, rules, people, approvals, programs, budgets }: Draft,
  server: ServerDraft,
  targets: readonly HostTarget[],
  review: Review,
): Promise<RulesDraft | undefined> {
  if (rules === undefined) {
    if (!review.isBroken(['rules']))
      review.warn(
        'No rules: whoever may call may run anything on every host whose required_scopes they hold.',
      )
    if (roles.length > 0 && !budgets.some((budget) => rolesOf(budget).length > 0))
      review.warn('Roles are configured, but no rules: nobody asks for a role.')
    return undefined
  }
  if (rules.length === 0) review.warn('rules is an empty list: everything on every host is denied.')
  const draft = { roles, rules, people, approvals, programs, budgets }
  const hosts = targets.filter(({ isHop }) => isHop !== true).map(({ host }) => host)
  const { checkRules } = await import('./check-rules.ts')
  checkRules(draft, { hosts, server }, review)
  return draft
}

async function readHosts(
  draft: Draft,
  around: Surroundings,
  referenced: ReadonlySet<string>,
  review: Review,
) {
  const keyFiles = new KeyFiles()
  const names = new Set(draft.hosts.flatMap(({ name }) => name ?? []))
  const rules = { allowsProxyCommand: draft.ssh.allow_proxy_command }
  const importing = { ...around, ...rules, keyFiles, configured: names }
  const imported = await readImported(draft.ssh_config, importing, review)
  checkHosts(draft.hosts, new Map(imported.map(({ host, jump }) => [host.name, jump])), review)
  warnOfLegacy(draft.hosts, review)
  const context = { ...around, keyFiles, referenced }
  const own: HostTarget[] = []
  // One after the other: ten thousand hosts must not open ten thousand key files at once.
  for (const [index, host] of draft.hosts.entries()) {
    checkHost(host, index, rules, review)
    const credential = await readCredential(host, index, context, review)
    const target = credential && toTarget(host, credential)
    if (target) own.push(target)
  }
  return [...imported, ...own]
}

async function readImported(
  path: string | undefined,
  context: Parameters<typeof importHosts>[1] & Surroundings,
  review: Review,
): Promise<ImportedHosts['targets']> {
  if (path === undefined) return []
  try {
    const { targets, warnings } = await importHosts(expandPath(path, context.base, context.home), context)
    for (const warning of warnings) review.warn(warning)
    return targets
  } catch (error) {
    const isFileError = error instanceof Error && 'code' in error
    const why = isFileError ? whyUnreadable(error) : 'is not an OpenSSH client configuration'
    review.problem(['ssh_config'], `the OpenSSH configuration ${why}: write the path of a readable one`)
    return []
  }
}

/** Secrets written out in a file that others can read. References to the environment or to other files are no secrets here. */
function checkExposedSecrets(
  source: YamlSource,
  { referenced }: Resolved,
  facts: FileFacts,
  review: Review,
): void {
  if (!facts.isExposed) return
  const literal = findSecrets(source.data).filter(({ path }) => !referenced.has(pathKey(path)))
  const [first] = literal.map(({ path }) => ({ path, place: whereText(source.whereValue(path)) }))
  if (first === undefined) return
  const word = shellWord(facts.file)
  review.problem(
    first.path,
    `a secret is written here, and others can read this file (mode ${facts.mode}): run chmod 600 ${word}, or write \${env:NAME} or \${file:PATH} instead`,
  )
}

type Text = { readonly text: string; readonly isExposed: boolean; readonly mode: string }

const LARGEST_BYTES = 16 * 1_048_576

export async function readText(
  file: string,
  what = 'the configuration',
): Promise<Text | { readonly mistake: string }> {
  try {
    const { mode, size } = await stat(file)
    if (size > LARGEST_BYTES) return { mistake: 'is larger than 16 MiB: this is not a configuration' }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
    return { text, isExposed: isExposed(mode), mode: modeText(mode) }
  } catch (error) {
    if (error instanceof TypeError) return { mistake: 'is not UTF-8 text: save it as UTF-8' }
    return { mistake: `${what} ${whyUnreadable(error)}: write the path of a readable file` }
  }
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir()
}
