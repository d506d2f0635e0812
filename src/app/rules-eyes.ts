import { readFile } from 'node:fs/promises'
import { writtenSections } from '../config/written-sections.ts'
import type { RulesEyes } from '../console/rules-eyes.ts'
import { BridgeError } from '../domain/errors.ts'
import { askRules } from './ask-rules.ts'
import type { OpenCore } from './core-shape.ts'
import { whoAsks } from './who-asks.ts'

/** The same questions as those of `policy check`, to the rules that are in force. */
export function rulesEyes({ config }: Pick<OpenCore, 'config'>): RulesEyes {
  return {
    whoAsks: (who) => inWords(() => whoAsks(who, config())),
    ask: (what, forWriters) => inWords(() => askRules(config(), what, forWriters)),
    async text() {
      const { file } = config()
      return file === undefined ? '' : writtenSections(await readFile(file, 'utf8'), ['roles', 'rules'])
    },
  }
}

function inWords<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    if (error instanceof TypeError) throw new BridgeError('bad_request', `${sentence(error.message)}.`)
    throw error
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
