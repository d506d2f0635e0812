import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

const ASSETS = 'dist/console/assets'
const MOST_BYTES = 150 * 1_024

const scripts = readdirSync(ASSETS).filter((name) => name.endsWith('.js'))
const gzipped = (name: string) => gzipSync(readFileSync(join(ASSETS, name)), { level: 9 }).length

describe('the script of the console', () => {
  test(`is at most ${MOST_BYTES} bytes, all pages together, compressed`, () => {
    const bytes = scripts.reduce((sum, name) => sum + gzipped(name), 0)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES)
  })

  test('of the player, which is most of it, is fetched by nobody who plays no recording', () => {
    const player = scripts.filter((name) => name.startsWith('player-'))
    expect(player).toHaveLength(1)
    const rest = scripts.filter((name) => !player.includes(name) && !name.startsWith('recordings-'))
    const naming = rest.filter((name) =>
      new RegExp(`import[^;]{0,200}from"\\./${player[0]}"`).test(readFileSync(join(ASSETS, name), 'utf8')),
    )
    expect(naming).toEqual([])
    expect(gzipped(player[0] ?? '')).toBeGreaterThan(20_000)
  })
})
