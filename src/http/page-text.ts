const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * What others wrote, as text of a page: no sign of it is read as markup, in an element or in the quotes of an attribute. It does not make
 * an address harmless to follow.
 */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
}

/** A list of terms, each with what is said of it; both as markup. */
export function termList(terms: readonly (readonly [term: string, said: string])[]): string {
  return `<dl>\n${terms.map(([term, said]) => `<dt>${term}</dt><dd>${said}</dd>`).join('\n')}\n</dl>`
}
