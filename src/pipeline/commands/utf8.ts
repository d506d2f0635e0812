/** Where the last character of `bytes` ends that is there to its last byte. */
export function endOfLastCharacter(bytes: Buffer): number {
  // RFC 3629 §3: a character is at most four bytes, so only the last three positions can begin one that is incomplete.
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isContinuation(byte)) continue
    return lengthByLead(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Where the first character of `bytes` begins: what is left of one that began before is skipped. */
export function startOfFirstCharacter(bytes: Buffer): number {
  let start = 0
  while (start < Math.min(3, bytes.length) && isContinuation(bytes[start] ?? 0)) start += 1
  return start
}

/** A byte 10xxxxxx is the inside of a character. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

function lengthByLead(byte: number): number {
  if (byte >= 0xf0 && byte <= 0xf4) return 4
  if (byte >= 0xe0 && byte <= 0xef) return 3
  return byte >= 0xc2 && byte <= 0xdf ? 2 : 1
}
