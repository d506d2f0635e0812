import { readFileSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Debian's, as the tests find it installed. */
const PROGRAM = '/usr/bin/chromium'

export function startChromium(): Promise<Browser> {
  // As root it has no sandbox of its own; what it shows is ours.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: PROGRAM, args })
}

/** In what pages are looked at. */
export const SIGHTS = {
  light: { colorScheme: 'light', viewport: { width: 1000, height: 720 } },
  dark: { colorScheme: 'dark', viewport: { width: 1000, height: 720 } },
  phone: { colorScheme: 'light', viewport: { width: 375, height: 720 }, deviceScaleFactor: 2 },
  'phone in the dark': { colorScheme: 'dark', viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 },
  'without scripts': {
    colorScheme: 'light',
    javaScriptEnabled: false,
    viewport: { width: 1000, height: 720 },
  },
} as const satisfies Record<string, BrowserContextOptions>

export type Sight = keyof typeof SIGHTS

/** WCAG 2.2 §1.4.3, for text of any size. */
const LEAST_CONTRAST = 4.5

/** What is wrong with how the page looks and what it says to those who do not see it; empty for a good one. */
export async function faultsOf(page: Page): Promise<string[]> {
  const script = readFileSync('test/kit/page-faults.js', 'utf8').replace(/^\/\/.*\n;?/, '')
  return page.evaluate(`(${script.trim()})(${LEAST_CONTRAST})`)
}
