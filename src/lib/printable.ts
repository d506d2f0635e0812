/**
 * What a terminal may be given of words that others chose: a path on a host, a command, a reason. Controls would move its cursor,
 * marks of direction would turn what stands there around and what nobody sees would hide in it, so all are shown as escapes.
 */

const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu
/** JSON keeps these as they are, and any reader of JSON takes their escapes for the same. */
const UNSHOWABLE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu

/** One line, whatever `text` holds. A tab becomes an escape too: it parts columns. */
export function printable(text: string): string {
  // guard: cli-text-has-no-controls
  return text.replace(UNSHOWABLE, escapeOf)
}

/** Several lines, indented for people. */
export function printableJson(value: unknown): string {
  return escapedJson(JSON.stringify(value, null, 2))
}

/** Text of JSON that is the same to its readers and holds no control that JSON itself would leave in it. */
export function escapedJson(json: string): string {
  return json.replace(UNSHOWABLE_IN_JSON, escapeOf)
}

/** As JSON writes it: beyond the first plane as a pair. */
function escapeOf(sign: string): string {
  return Array.from(
    { length: sign.length },
    (_, index) => `\\u${sign.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')
}
