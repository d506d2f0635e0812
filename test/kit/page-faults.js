// Runs in the page: what is wrong with how it looks, and with what it says to those who do not see it.
;(least) => {
  const faults = []
  const root = document.documentElement
  if (root.scrollWidth > window.innerWidth) faults.push(`scrolls sideways: ${root.scrollWidth} px`)
  if (document.title === '') faults.push('no title')
  if (root.lang === '') faults.push('no language')
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one heading')
  if (document.querySelector('script, img[src^="http"], link[rel=stylesheet]'))
    faults.push('something from elsewhere')
  for (const input of document.querySelectorAll('input')) {
    if (input.type !== 'hidden' && !input.labels?.length) faults.push(`no label: ${input.name}`)
    if (!input.autocomplete) faults.push(`no autocomplete: ${input.name}`)
  }
  for (const target of document.querySelectorAll('button, input, a.button')) {
    const { width, height } = target.getBoundingClientRect()
    if (width < 24 || height < 24) faults.push(`too small to touch: ${target.textContent}`)
  }
  const colour = (text) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    return { red, green, blue, alpha }
  }
  const behind = (element) => {
    const own = colour(getComputedStyle(element).backgroundColor)
    if (own.alpha > 0) return own
    // The canvas, of a page that has no colour itself.
    return element.parentElement ? behind(element.parentElement) : colour('rgb(255, 255, 255)')
  }
  const luminance = ({ red, green, blue }) => {
    const part = (value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
  }
  const contrast = (element, text) => {
    const [one, other] = [luminance(colour(text)), luminance(behind(element))]
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
  }
  for (const element of document.body.querySelectorAll('*')) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim())
    if (!says && element.tagName !== 'INPUT') continue
    const ratio = contrast(element, getComputedStyle(element).color)
    if (ratio < least)
      faults.push(`contrast ${ratio.toFixed(2)}: ${element.textContent?.trim().slice(0, 40)}`)
  }
  return faults
}
