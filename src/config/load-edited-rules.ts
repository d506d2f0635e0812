import type { LoadResult } from './load-config.ts'
import { loadRulesText } from './load-rules.ts'
import { type Problem, problemLine } from './problem.ts'
import { isRecord, textsOf } from './secret-paths.ts'
import { readYaml } from './yaml-source.ts'

/** What stands in problems for the text, which is in no file. */
const NAME = 'rules'
const SECTIONS = ['roles', 'rules', 'people']

export type EditedRules =
  | { readonly ok: true; readonly config: Extract<LoadResult, { ok: true }>['config'] }
  | { readonly ok: false; readonly problems: readonly string[] }

/**
 * The configuration of the file as it would be with roles, rules and people of this text, which somebody typed somewhere else: it may name
 * no file and no variable of this machine. Of what is wrong in the file itself only is told that something is.
 */
export async function loadEditedRules(
  text: string,
  configFile: string,
  env: NodeJS.ProcessEnv,
): Promise<EditedRules> {
  const { data, isSound, whereKey, whereValue } = readYaml(NAME, text)
  const others = isRecord(data) ? Object.keys(data).filter((key) => !SECTIONS.includes(key)) : []
  const strange = others.map((key): Problem => {
    return { where: whereKey([key]), message: `only ${SECTIONS.join(', ')} can be tried out here` }
  })
  // guard: edited-rules-name-no-file
  const references = [...textsOf(data)].filter((one) => /\$\{(env|file):/.test(one.text))
  const named = references.map(({ path }): Problem => {
    return { where: whereValue(path), message: `\${env:…} and \${file:…} are not read here: write the value` }
  })
  if (isSound && strange.length + named.length > 0)
    return { ok: false, problems: [...strange, ...named].map(problemLine) }
  const loaded = await loadRulesText(NAME, text, configFile, env)
  if (loaded.ok) return loaded
  const own = loaded.problems.filter(({ where }) => where.in === 'file' && where.file === NAME)
  const elsewhere = loaded.problems.length - own.length
  return {
    ok: false,
    problems: [
      ...own.map(problemLine),
      ...(elsewhere === 0
        ? []
        : [`${elsewhere} more in the file of the configuration: run ssh-mcp-bridge validate`]),
    ],
  }
}
