import { defaultConfig, type LoadOptions, type LoadResult, loadConfig, readText } from './load-config.ts'
import type { Where } from './problem.ts'
import { DECIDING, decidesAlone } from './rules-source.ts'
import { isRecord } from './secret-paths.ts'
import { readYaml } from './yaml-source.ts'

/**
 * What would be in force with this file: it is a whole configuration, or it has only sections that say who may do what, which stand in
 * the place of those of `configFile` then. Sections that it leaves out stay. As `loadConfig` otherwise.
 */
export async function loadRules(
  rulesFile: string,
  configFile: string | undefined,
  env: NodeJS.ProcessEnv,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const read = await readText(rulesFile)
  if ('mistake' in read) return wrong(rulesFile, read.mistake)
  return decidesAlone(readYaml(rulesFile, read.text))
    ? loadRulesText(rulesFile, read.text, configFile, env, options)
    : loadConfig(rulesFile, env, options)
}

/** The same of a text that has only sections that say who may do what. `name` stands in problems. */
export async function loadRulesText(
  name: string,
  text: string,
  configFile: string | undefined,
  env: NodeJS.ProcessEnv,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const rulesOf = readYaml(name, text)
  if (rulesOf.isSound && (!isRecord(rulesOf.data) || Object.keys(rulesOf.data).length === 0))
    return wrong(name, `does not say who may do what: write ${DECIDING.join(', ')}`)
  return configFile === undefined
    ? defaultConfig(env, options.home, { ...options, rulesOf })
    : loadConfig(configFile, env, { ...options, rulesOf })
}

function wrong(file: string, message: string): LoadResult {
  const where: Where = { in: 'file', file, line: 1, column: 1 }
  return { ok: false, problems: [{ where, message }] }
}
