import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { type LoadResult, loadConfig } from './load-config.ts'
import { type ConfigWatch, fingerprint, watchConfig } from './watch-config.ts'

let folder: ConfigFolder
let watch: ConfigWatch | undefined
let loaded: string[]
beforeEach(() => {
  folder = configFolder()
  loaded = []
})
afterEach(() => {
  watch?.close()
  folder.remove()
})

const told = (result: LoadResult) => (result.ok ? `port ${result.config.server.port}` : 'bad')

function start(file: string, clock: Clock = systemClock, seen?: string): ConfigWatch {
  watch = watchConfig({
    file,
    load: () => loadConfig(file, {}, { home: folder.home }),
    onLoaded: (result) => {
      loaded.push(told(result))
    },
    onError: (error) => {
      throw error
    },
    clock,
    seen,
  })
  return watch
}

const port = (number: number) => `server: {port: ${number}}\n`
/** Writes until the watch, which starts in the background, has noticed. */
const until = (last: string, change: () => void = () => undefined) =>
  vi.waitFor(
    () => {
      if (loaded.at(-1) !== last) change()
      expect(loaded.at(-1)).toBe(last)
    },
    { timeout: 30_000, interval: 400 },
  )

test('a file that is empty for a while, as some programs write it, takes nothing away', async () => {
  const file = folder.write('config.yaml', port(1))
  start(file)
  await until('port 2', () => writeFileSync(file, port(2)))
  const before = loaded.length
  writeFileSync(file, '')
  await systemClock.sleep(400, new AbortController().signal)
  expect(loaded).toHaveLength(before)
  await until('port 3', () => writeFileSync(file, port(3)))
  expect(loaded.slice(before)).not.toContain('port 8080')
})

test('a change between the first load and the start of the watch is not missed', async () => {
  const file = folder.write('config.yaml', port(1))
  const seen = fingerprint(file)
  writeFileSync(file, port(22))
  start(file, systemClock, seen)
  await until('port 22')
})

test('a file that is written again, replaced, broken and mended is loaded each time', async () => {
  const file = folder.write('config.yaml', port(1))
  start(file)
  await until('port 2', () => writeFileSync(file, port(2)))
  writeFileSync(join(folder.path, '.config.yaml.swp'), port(3))
  renameSync(join(folder.path, '.config.yaml.swp'), file)
  await until('port 3')
  writeFileSync(file, 'server: {prot: 3}\n')
  await until('bad')
  rmSync(file)
  writeFileSync(file, port(4))
  await until('port 4')
})

test('other files of the folder, and a file that is gone, load nothing', async () => {
  const file = folder.write('config.yaml', port(1))
  const clock = new ManualClock()
  const sleep = vi.spyOn(clock, 'sleep')
  const { reload } = start(file, clock)
  for (const change of [() => folder.write('audit.jsonl', '{}\n'), () => rmSync(file)]) {
    sleep.mockClear()
    change()
    await expect.poll(() => sleep).toHaveBeenCalled()
    await clock.advance(1_000)
  }
  // Loads take turns, so this one comes after whatever the changes above started.
  folder.write('config.yaml', port(5))
  await reload()
  expect(loaded).toEqual(['port 5'])
})

test('a symbolic link that is swapped, as a mounted ConfigMap is, loads what it now leads to', async () => {
  folder.write('v1/config.yaml', port(1))
  folder.write('v2/config.yaml', port(2))
  symlinkSync('v1', join(folder.path, '..data'))
  symlinkSync('..data/config.yaml', join(folder.path, 'config.yaml'))
  start(join(folder.path, 'config.yaml'))
  await until('port 2', () => {
    symlinkSync('v2', join(folder.path, '..tmp'))
    renameSync(join(folder.path, '..tmp'), join(folder.path, '..data'))
  })
})

test('reload loads at once, changed or not, and not after close', async () => {
  const file = folder.write('config.yaml', port(7))
  const { reload, close } = start(file)
  await reload()
  await reload()
  expect(loaded).toEqual(['port 7', 'port 7'])
  close()
  await reload()
  expect(loaded).toHaveLength(2)

  const load = vi.fn(() => loadConfig(file, {}, { home: folder.home }))
  const closed = watchConfig({ file, load, onLoaded: vi.fn(), onError: vi.fn(), clock: systemClock })
  closed.close()
  await closed.reload()
  expect(load).not.toHaveBeenCalled()
})
