/** Whether a value stands for a secret instead of being one: a variable, a mask, words in brackets, a word that says what is to be written. */
export function isPlaceholder(value: string): boolean {
  return FORMS.some((form) => form.test(value))
}

const FORMS: readonly RegExp[] = [
  // ${PASSWORD}, $PASSWORD, $(cat file)
  /^\$(?:[({A-Za-z_]|$)/,
  // {{ password }}, {password}, [redacted], <password>, %(password)s, %PASSWORD%, @password@
  /^[{[(]|^<.*>?$|^%\(|^%[A-Za-z_]+%$|^@[A-Za-z_]+@$/,
  // Masks: every character the same, or none a letter but x. The dot of many masks is three bytes here.
  /^(.)\1+$/,
  /^[*xX.•\xe2\x80\xa2?_-]+$/,
  /\[redacted\]|\*{3,}|\.{3}$|x{6,}/i,
  /^(?:null|nil|none|true|false|yes|no|on|off|undefined|unset|empty|default|required|optional|prompt|ask)$/i,
  /^(?:hidden|masked|redacted|secret|password|passwd|pass|token)[,.;:)]?$/i,
  /^(?:your|my|the|some|insert|enter|replace|put|change)[-_ ]?(?:me|this|your|new|own|here|secret|password|token|api|key)/i,
  // What the bridge itself puts in the place of secrets.
  /^secret:[0-9a-f]{4,}/,
]
