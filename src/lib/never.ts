/** Closes a switch over a union: a member nobody handled does not compile, and throws if it comes from outside. */
export function never(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`)
}
