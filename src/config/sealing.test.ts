import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { loadConfig } from './load-config.ts'

let folder: ConfigFolder

beforeEach(() => {
  folder = configFolder()
})

afterEach(() => folder.remove())

async function problems(url: string, oauth: string): Promise<string[]> {
  const yaml = `server: {enable_http: true, port: 8080, oauth: {${oauth}}}\nstorage: {url: "${url}"}\n`
  const loaded = await loadConfig(folder.write('config.yaml', yaml), {})
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
}

const POSTGRES = 'postgres://bridge@db.example.com/bridge'
const KEY = `encryption_key: ${'k'.repeat(32)}`

test('a login of several instances without a key of all of them does not start', async () => {
  expect(await problems(POSTGRES, 'mode: embedded')).toEqual([
    expect.stringContaining('set server.oauth.encryption_key'),
  ])
})

test('with such a key it starts; a login of one machine has a key file, and without a login there is nothing to seal', async () => {
  expect(await problems(POSTGRES, `mode: embedded, ${KEY}`)).toEqual([])
  expect(await problems('sqlite:bridge.db', 'mode: embedded')).toEqual([])
  expect(await problems(POSTGRES, 'enabled: false')).toEqual([])
})
