import { type Browser, chromium, type Page } from 'playwright-core'

/** Debian's chromium, without its sandbox, which root cannot have. Whoever starts it closes it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
}

/** The width of a phone. */
export const PHONE = { width: 375, height: 700 }

/** How far the page can be pushed sideways, in pixels: 0 when all of it fits. */
export function sidewaysPx(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** Every text that is seen, with the contrast of its colour to what is behind it (WCAG 2.2 §1.4.3), the weakest first. */
export function contrasts(page: Page): Promise<{ readonly text: string; readonly contrast: number }[]> {
  return page.evaluate(CONTRASTS)
}

// As text, because it runs in the page, whose types are none of this program's.
const CONTRASTS = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    if (element === null) return 'rgb(255, 255, 255)'
    const { backgroundColor } = getComputedStyle(element)
    return channels(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const { parentElement: element, textContent } = walker.currentNode
    const text = textContent.trim()
    if (text === '' || element.getClientRects().length === 0) continue
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))]
    found.push({ text, contrast: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) })
  }
  return found.sort((one, other) => one.contrast - other.contrast)
})()`
