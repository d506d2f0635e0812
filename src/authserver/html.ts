import { visible } from '../lib/visible-text.ts'

/** Text that is markup already. Only the template below makes it, so whatever else comes into a page comes in as text. */
export class Html {
  readonly #markup: string

  private constructor(markup: string) {
    this.#markup = markup
  }

  /** Markup from a template: `Html` is put in as it is, a list one after the other, nothing for undefined, all else as text. */
  static of(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
    return new Html(strings.map((part, at) => part + markupOf(values[at])).join(''))
  }

  toString(): string {
    return this.#markup
  }
}

export type Content = Html | string | number | undefined | readonly Content[]

/** `` html`<p>${anything}</p>` `` */
export const html = Html.of

function markupOf(value: Content): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.toString()
  // What a client calls itself must not turn around, or hide, what stands beside it.
  // guard: pages-show-what-is-hidden
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(visible(String(value)))
  return value.map(markupOf).join('')
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
