import type { ComponentChildren } from 'preact'
import { Link } from '../../parts/link.tsx'
import { Code, Plain } from '../../parts/plain.tsx'
import { duration, Instant } from '../../parts/time.tsx'
import { type Facts, nameOf, textOf } from './record.ts'

const LABELS: Readonly<Record<string, string>> = {
  as: 'Answered as',
  by: 'By',
  bytes: 'Bytes',
  call: 'Call',
  change_id: 'Change',
  claims: 'Token',
  classes: 'Rights it needs',
  command_id: 'Id of the command',
  content_bytes: 'Bytes of content',
  content_sha256: 'SHA-256 of the content',
  count: 'Yeses needed',
  digest: 'Digest of what is asked',
  edge: 'Came by',
  error: 'Error',
  exit_status: 'Exit status',
  host_key: 'Host key',
  method: 'Signed in by',
  output_bytes: 'Bytes of output',
  policy: 'Version of the rules',
  purpose: 'Purpose',
  remote: 'From',
  sha256: 'SHA-256',
  stderr_sha256: 'SHA-256 of stderr',
  stdout_sha256: 'SHA-256 of stdout',
  stored_sha256: 'SHA-256 as stored',
  tainted: 'Tainted',
  understood: 'Understood as',
}

/** Shown as they are, whatever is in them. */
const TEXTS: ReadonlySet<string> = new Set(['command', 'script', 'detail'])
const DIGESTS = /sha256$|^(?:digest|hash|host_key|command_id|call|parent|recording|change_id|by_call|policy)$/

export function labelOf(name: string): string {
  const known = LABELS[name]
  // A length of time is shown with its unit.
  const words = name.replace(/_ms$/, '').replaceAll('_', ' ')
  return known ?? words.charAt(0).toUpperCase() + words.slice(1)
}

/** Members of a record, each with what it is called; of objects, their members. Nothing is left out but what is named. */
export function FactsList({ of, without = [] }: { of: Facts; without?: readonly string[] }) {
  const shown = flat(of).filter(([name]) => !without.includes(name))
  if (shown.length === 0) return null
  return (
    <dl>
      {shown.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
    </dl>
  )
}

function Fact({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>
        <Plain text={labelOf(name)} />
      </dt>
      <dd>{shownAs(name, value)}</dd>
    </>
  )
}

/** What `result` and `claims` hold stands beside the rest. */
function flat(facts: Facts): (readonly [string, unknown])[] {
  return Object.entries(facts).flatMap(([name, value]) =>
    (name === 'result' || name === 'claims' || name === 'approval') &&
    typeof value === 'object' &&
    value !== null
      ? Object.entries(value)
      : [[name, value] as const],
  )
}

function shownAs(name: string, value: unknown): ComponentChildren {
  const text = textOf(value)
  if (TEXTS.has(name)) return <Code text={text} label={labelOf(name)} />
  if (name === 'recording')
    return (
      <Link to={`/recordings?id=${encodeURIComponent(text)}`}>
        <Plain text={text} />
      </Link>
    )
  if (/^(?:call|parent|by_call)$/.test(name))
    return (
      <Link to={`/history?call=${encodeURIComponent(text)}`}>
        <Plain text={text} />
      </Link>
    )
  if (name === 'change_id')
    return (
      <Link to={`/history?text=${encodeURIComponent(text)}`}>
        <Plain text={text} />
      </Link>
    )
  if (/_ms$/.test(name) && typeof value === 'number') return duration(value)
  if (/^(?:expires|since|from|expires_at|at)$/.test(name) && !Number.isNaN(Date.parse(text)))
    return <Instant at={text} />
  if (Array.isArray(value)) return value.length === 0 ? 'none' : <Items of={value} />
  if (name === 'by' || name === 'of') return <Plain text={nameOf(value)} />
  if (DIGESTS.test(name))
    return (
      <code>
        <Plain text={text} />
      </code>
    )
  return <Plain text={text} />
}

function Items({ of }: { of: readonly unknown[] }) {
  return (
    <ul class="items">
      {of.map((one, index) => (
        <li key={index}>
          <Plain text={textOf(one)} />
        </li>
      ))}
    </ul>
  )
}
