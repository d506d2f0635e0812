/** Whether a value stands for a secret instead of being one: a variable, a mask, words in brackets, a word that says what is to be written. */
export function isPlaceholder(value: string): boolean {
  return FORMS.some((form) => form.test(value))
}

const FORMS: readonly RegExp[] = [
  // ${PASSWORD} $PASSWORD $(cat file) {{ password }} {password} %(password)s %PASSWORD% <password> [redacted] @password@
  /^\$(?:[({A-Za-z_]|$)/,
  /^[{[(]|^<.*>?$|^%\(|^%[A-Za-z_]+%$|^@[A-Za-z_]+@$/,
  // Masks: every character the same, or next to none is a letter.
  /^(.)\1+$/,
  /^[*xX.•\xe2\x80\xa2?_-]+$/,
  /^(?:null|nil|none|true|false|yes|no|on|off|undefined|unset|empty|default|required|optional|prompt|ask|hidden|masked|redacted|secret|password|passwd|pass|token)$/i,
  /^(?:your|my|the|some|insert|enter|replace|put|change)[-_ ]?(?:me|this|your|new|own|here|secret|password|token|api|key)/i,
  /^secret:[0-9a-f]{4,}/,
  /\[redacted\]|\*{3,}|\.{3}$|x{6,}/i,
]
