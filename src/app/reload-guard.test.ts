import { expect, test } from 'vitest'
import { configFolder } from '../../test/kit/config-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import { problemLine } from '../config/problem.ts'
import { guardReload } from './reload-guard.ts'

const KEYS = `server: {enable_http: true, api_keys: [{name: robot, sha256: ${'a'.repeat(64)}}]}\n`
const RULES = 'rules: [{name: all, effect: allow}]\n'

async function load(text: string) {
  const folder = configFolder()
  try {
    return await loadConfig(folder.write('config.yaml', text), {}, { home: folder.home })
  } finally {
    folder.remove()
  }
}

async function reload(before: string, after: string, servesHttp: boolean): Promise<string> {
  const running = await load(before)
  if (!running.ok) throw new Error('the running configuration has mistakes')
  const result = guardReload(await load(after), running.config, 'config.yaml', { servesHttp })
  return result.ok ? 'applied' : result.problems.map(problemLine).join()
}

test('rules are changed by a reload, and never dropped', async () => {
  expect(await reload(KEYS + RULES, KEYS, true)).toMatch(/^config.yaml:1:1: no rules are left/)
  expect(await reload(RULES, '', false)).toMatch(/no rules are left/)
  expect(await reload(KEYS + RULES, `${KEYS}rules: []\n`, true)).toBe('applied')
  expect(await reload(KEYS, KEYS + RULES, true)).toBe('applied')
})

test('so is authentication, where HTTP is served', async () => {
  expect(await reload(KEYS, '', true)).toMatch(/no authentication is left/)
  expect(await reload(KEYS, '', false)).toBe('applied')
})
