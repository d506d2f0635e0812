/** Where pages of text may begin and end (RFC 3629 §3: a character is at most four bytes, 10xxxxxx is the inside of one). */

/** Where the last character ends that is there to its last byte. Bytes that are no UTF-8 count as characters. */
export function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isInside(byte)) continue
    return lengthOf(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** How many bytes at the beginning belong to a character that began before. */
export function insideAtStart(bytes: Buffer): number {
  let inside = 0
  while (inside < Math.min(3, bytes.length) && isInside(bytes[inside] ?? 0)) inside += 1
  return inside
}

function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4
  if (lead >= 0xe0 && lead <= 0xef) return 3
  return lead >= 0xc2 && lead <= 0xdf ? 2 : 1
}
