import { read } from '../../bridge-client.ts'

export interface Recording {
  readonly id: string
  readonly kind: 'command' | 'terminal'
  readonly call: string
  readonly name: string
  readonly host: string
  readonly started_at: string
  readonly ended_at?: string
  readonly state: 'open' | 'complete' | 'full' | 'broken' | 'cut'
  readonly why?: string
  readonly encrypted: boolean
  readonly bytes?: number
  readonly sha256?: string
}

export const STATES: Readonly<Record<Recording['state'], string>> = {
  open: 'being written',
  complete: 'complete',
  full: 'as large as it may be: the rest is missing',
  broken: 'broken off: it could not be written any further',
  cut: 'cut off with the bridge',
}

export const FILTERS = ['person', 'host', 'call', 'since', 'until'] as const

type Query = Readonly<Record<string, string | number | undefined>>

export async function findRecordings(query: Query, signal?: AbortSignal): Promise<readonly Recording[]> {
  return (await read<{ recordings: readonly Recording[] }>('/recordings', query, signal)).recordings
}

export function recordingOf(id: string, signal?: AbortSignal): Promise<Recording> {
  return read<Recording>('/recordings/record', { id }, signal)
}

/** The whole asciicast, piece by piece; each piece is put on record before it is given. */
export async function castOf(
  id: string,
  signal: AbortSignal,
  tell: (bytes: number) => void,
): Promise<string> {
  const pieces: string[] = []
  let bytes = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: { cast: string; next_after?: number } = await read('/recordings/cast', { id, after }, signal)
    pieces.push(page.cast)
    bytes += page.cast.length
    tell(bytes)
    after = page.next_after
  }
  return pieces.join('')
}

/** As `12 KiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`
  return bytes < 1_048_576 ? `${Math.round(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}
