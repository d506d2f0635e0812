/** The only ways in which anything comes onto the page: elements by name, attributes by name, and text that stays text. */

export type Child = Node | string | undefined

export function draw<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  for (const child of children) if (child !== undefined) element.append(textOr(child))
  return element
}

function textOr(child: Node | string): Node {
  return typeof child === 'string' ? document.createTextNode(visible(child)) : child
}

/** What has no picture of its own and moves, turns or hides others: C1, marks of direction, ends of lines that are none, no width, tags. */
const UNSEEN = /[\x80-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu

/** What somebody printed, as it is: what cannot be seen is shown by its picture or its number. */
export function visible(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(UNSEEN, numbered)
}

function numbered(char: string): string {
  return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** Output in a box that can be scrolled by keyboard. */
export function outputBox(label: string, text: string): HTMLPreElement {
  return draw('pre', { tabindex: '0', role: 'region', 'aria-label': visible(label) }, text)
}

export function button(label: string, onPress: (pressed: HTMLButtonElement) => void): HTMLButtonElement {
  const made = draw('button', { type: 'button' }, label)
  made.addEventListener('click', () => onPress(made))
  return made
}

export type Mood = 'good' | 'bad' | 'wait' | 'plain'

export function stateText(text: string, mood: Mood): HTMLElement {
  return draw('span', { class: `state ${mood}` }, text)
}
