// Writes the reference pages from the code that they describe. With --check it writes nothing, names the stale ones and exits 1.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { PAGES } from './pages.ts'

const check = process.argv.includes('--check')
const stale = Object.entries(PAGES).filter(
  ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
)
const names = stale.map(([path]) => path).join(', ')

if (stale.length === 0) {
  console.log('all reference pages are up to date')
} else if (check) {
  console.error(`stale: ${names}\nThe code says something else now. Run: npm run docs`)
  process.exitCode = 1
} else {
  for (const [path, text] of stale) writeFileSync(path, text)
  console.log(`written: ${names}`)
}
