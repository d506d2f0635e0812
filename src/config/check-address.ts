import { isLoopback } from './loopback.ts'
import type { Review } from './review.ts'
import type { Path } from './yaml-source.ts'

/** Tokens, secrets and keys are not asked for or told over a line on which others can write. */
export function checkSecureAddress(text: string | undefined, path: Path, review: Review): void {
  if (text === undefined) return
  const { protocol, hostname } = new URL(text)
  if (protocol === 'http:' && !isLoopback(hostname))
    review.problem(path, `\`${path.at(-1)}\` must begin with https:// (http is for loopback only)`)
}
