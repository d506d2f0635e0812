import type { Database } from './sql/database.ts'

/** An hour: what is counted is counted by it. */
export const PIECE_MS = 3_600_000
const DAY_PIECES = 24
const WEEK_PIECES = 7 * DAY_PIECES
/** Somebody who did not come for so long is forgotten here; the audit has them. */
const KEPT_MS = 400 * 86_400_000

/** Somebody at one client and one door, since when this was last written down. */
export interface Sighting {
  /** A `principalKey`. */
  readonly person: string
  /** Empty where the client is not known. */
  readonly client: string
  /** An edge of calls, or `sign_in`. */
  readonly door: string
  readonly method: string
  readonly atMs: number
  readonly name?: string
  readonly email?: string
}

/** Calls that were answered in one hour. */
export interface HourOfCalls {
  readonly person: string
  readonly piece: number
  readonly calls: number
  readonly refused: number
}

export interface SeenPerson {
  readonly person: string
  readonly method: string
  readonly name?: string
  readonly email?: string
  readonly firstAt: Date
  readonly lastAt: Date
  readonly ways: readonly { readonly client: string; readonly door: string; readonly lastAt: Date }[]
  readonly day: Counted
  readonly week: Counted
}

interface Counted {
  readonly calls: number
  readonly refused: number
}

/** Adds to what is known. A loss of power may take the last of it: it is no evidence. */
export async function addSeen(
  database: Database,
  sightings: readonly Sighting[],
  hours: readonly HourOfCalls[],
): Promise<void> {
  if (sightings.length === 0 && hours.length === 0) return
  await database.transaction(async (sql) => {
    // In one order: two instances that add to the same must not wait for each other.
    for (const { person, client, door, method, atMs, name, email } of [...sightings].sort(byWay))
      await sql.run(
        `INSERT INTO seen (person, client, door, method, first_at, last_at, name, email) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)
          ON CONFLICT (person, client, door) DO UPDATE SET
            last_at = CASE WHEN excluded.last_at > seen.last_at THEN excluded.last_at ELSE seen.last_at END,
            name = COALESCE(excluded.name, seen.name), email = COALESCE(excluded.email, seen.email)`,
        ...[person, client, door, method, atMs],
        name ?? null,
        email ?? null,
      )
    for (const { person, piece, calls, refused } of [...hours].sort(byHour))
      await sql.run(
        `INSERT INTO seen_calls (person, piece, calls, refused) VALUES ($1, $2, $3, $4)
          ON CONFLICT (person, piece) DO UPDATE SET
            calls = seen_calls.calls + excluded.calls, refused = seen_calls.refused + excluded.refused`,
        ...[person, piece, calls, refused],
      )
  }, 'written')
}

export async function forgetSeen(database: Database, nowMs: number): Promise<void> {
  const piece = Math.floor(nowMs / PIECE_MS)
  await database.run('DELETE FROM seen_calls WHERE piece < $1', piece - WEEK_PIECES)
  await database.run('DELETE FROM seen WHERE last_at < $1', nowMs - KEPT_MS)
}

interface SeenRow {
  readonly person: string
  readonly client: string
  readonly door: string
  readonly method: string
  readonly first_at: number
  readonly last_at: number
  readonly name: string | null
  readonly email: string | null
}

/** Those who came last, first. `text`: what stands in their names, e-mail address, issuer, subject or clients, in any case. */
export async function listSeen(
  database: Database,
  { text, nowMs, most }: { readonly text: string; readonly nowMs: number; readonly most: number },
): Promise<{ readonly people: readonly SeenPerson[]; readonly total: number }> {
  const like = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
  const found = `FROM seen WHERE LOWER(person || ' ' || COALESCE(name, '') || ' ' || COALESCE(email, '') || ' ' || client) LIKE $1 ESCAPE '\\'`
  const [count] = await database.scan<{ total: number }>(
    `SELECT COUNT(DISTINCT person) AS total ${found}`,
    like,
  )
  const rows = await database.scan<SeenRow>(
    `SELECT person, client, door, method, first_at, last_at, name, email FROM seen WHERE person IN (
      SELECT person ${found} GROUP BY person ORDER BY MAX(last_at) DESC LIMIT $2) ORDER BY last_at DESC`,
    like,
    most,
  )
  const byPerson = new Map<string, SeenRow[]>()
  for (const row of rows) byPerson.set(row.person, [...(byPerson.get(row.person) ?? []), row])
  const counts = await countsOf(database, [...byPerson.keys()], Math.floor(nowMs / PIECE_MS))
  const people = [...byPerson].map(([person, ways]) => personOf(person, ways, counts.get(person)))
  return { people, total: Number(count?.total ?? 0) }
}

/** When each of these was last at that door, or at any. */
export async function lastSeen(
  database: Database,
  issuer: string,
  door?: string,
): Promise<ReadonlyMap<string, Date>> {
  // As `principalKey` begins.
  const begin = `${JSON.stringify([issuer]).slice(0, -1)},`
  const rows = await database.scan<{ person: string; last_at: number }>(
    `SELECT person, MAX(last_at) AS last_at FROM seen
      WHERE SUBSTR(person, 1, LENGTH($1)) = $1 AND ($2 = '' OR door = $2) GROUP BY person`,
    begin,
    door ?? '',
  )
  return new Map(
    rows.map(({ person, last_at }) => [
      (JSON.parse(person) as [string, string])[1],
      new Date(Number(last_at)),
    ]),
  )
}

type Counts = Readonly<Record<'calls_day' | 'refused_day' | 'calls_week' | 'refused_week', number>>

async function countsOf(
  database: Database,
  people: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Counts>> {
  const list =
    database.engine === 'sqlite'
      ? 'SELECT value FROM json_each($1)'
      : 'SELECT json_array_elements_text($1::JSON)'
  // With a sign before it, SQLite does not read the hours of everybody by their index.
  const rows = await database.scan<Counts & { person: string }>(
    `SELECT person, SUM(calls) AS calls_week, SUM(refused) AS refused_week,
        SUM(CASE WHEN piece > $2 THEN calls ELSE 0 END) AS calls_day,
        SUM(CASE WHEN piece > $2 THEN refused ELSE 0 END) AS refused_day
      FROM seen_calls WHERE +piece > $3 AND person IN (${list}) GROUP BY person`,
    ...[JSON.stringify(people), now - DAY_PIECES, now - WEEK_PIECES],
  )
  return new Map(rows.map((row) => [row.person, row]))
}

function personOf(person: string, ways: readonly SeenRow[], counts: Counts | undefined): SeenPerson {
  // The newest that says it.
  const name = ways.find((one) => one.name !== null)?.name
  const email = ways.find((one) => one.email !== null)?.email
  return {
    person,
    method: ways[0]?.method ?? '',
    ...(name && { name }),
    ...(email && { email }),
    firstAt: new Date(Math.min(...ways.map(({ first_at }) => first_at))),
    lastAt: new Date(Math.max(...ways.map(({ last_at }) => last_at))),
    ways: ways.map(({ client, door, last_at }) => ({ client, door, lastAt: new Date(last_at) })),
    day: { calls: Number(counts?.calls_day ?? 0), refused: Number(counts?.refused_day ?? 0) },
    week: { calls: Number(counts?.calls_week ?? 0), refused: Number(counts?.refused_week ?? 0) },
  }
}

function byWay(one: Sighting, other: Sighting): number {
  return [one.person, one.client, one.door].join('\n') < [other.person, other.client, other.door].join('\n')
    ? -1
    : 1
}

function byHour(one: HourOfCalls, other: HourOfCalls): number {
  return one.person < other.person || (one.person === other.person && one.piece < other.piece) ? -1 : 1
}
