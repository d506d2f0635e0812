import type { Host } from '../domain/host.ts'
import type { RecordingKind } from '../domain/recording.ts'
import { parseSelector, selectsHost } from '../policy/hosts/selector.ts'
import type { Review } from './review.ts'
import type { Draft } from './schema.ts'

/** What is recorded, and how that is kept. */
export interface RecordingConfig {
  readonly records: (host: Pick<Host, 'name' | 'tags'>, kind: RecordingKind) => boolean
  readonly required: boolean
  readonly mostBytes: number
  readonly retentionMs: number
  readonly encryptionKey?: string
  /** All that something may be encrypted with, the current one first. */
  readonly keys: readonly string[]
}

const DAY = 86_400_000

/** Each selector is one. */
export function checkRecording({ recording }: Pick<Draft, 'recording'>, review: Review): void {
  for (const [index, text] of recording.hosts.entries())
    if (parseSelector(text) === undefined)
      review.problem(
        ['recording', 'hosts', index],
        'must be the name of a host, a glob such as `web-*`, or `tag:` and a tag',
      )
}

/** The draft was checked before. */
export function readRecording({ recording }: Pick<Draft, 'recording'>): RecordingConfig {
  const { enabled, hosts, actions, encryption_key: key, former_encryption_keys: former } = recording
  const selectors = hosts.flatMap((text) => parseSelector(text) ?? [])
  return {
    records: (host, kind) => enabled && actions.includes(kind) && selectsHost(selectors, host),
    required: recording.required,
    mostBytes: recording.max_megabytes * 1_048_576,
    retentionMs: recording.retention * DAY,
    ...(key !== undefined && { encryptionKey: key }),
    keys: key === undefined ? former : [key, ...former],
  }
}
