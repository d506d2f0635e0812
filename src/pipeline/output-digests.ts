import { createHash } from 'node:crypto'
import type { Answer } from '../domain/answer.ts'
import type { AuditResult } from '../domain/audit.ts'

/** What was answered of a command's output, as the record of its end and a receipt vouch for it: each stream in UTF-8, redacted and cut as it is given. */
export interface OutputDigests {
  readonly stdout: string
  readonly stderr: string
}

export function outputDigests({ stdout, stderr }: { stdout: string; stderr: string }): OutputDigests {
  return { stdout: sha256(stdout), stderr: sha256(stderr) }
}

/** For the record of how a command ended; of a stream with nothing in it there is none. */
export function digestsForRecord(answer: Answer): Pick<AuditResult, 'stdoutSha256' | 'stderrSha256'> {
  if (answer.kind !== 'ran') return {}
  return {
    ...(answer.stdout !== '' && { stdoutSha256: sha256(answer.stdout) }),
    ...(answer.stderr !== '' && { stderrSha256: sha256(answer.stderr) }),
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
