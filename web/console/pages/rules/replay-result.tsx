import { Plain } from '../../parts/plain.tsx'
import { Empty } from '../../parts/states.tsx'
import { Ago } from '../../parts/time.tsx'
import { type Difference, isWeaker, type Replayed } from './replayed.ts'

const WORDS = { allow: 'allowed', approve: 'asked somebody', deny: 'denied' } as const
const WOULD = { allow: 'be allowed', approve: 'ask somebody', deny: 'be denied' } as const
/** More lines help nobody; the rest is counted. */
const MOST_SHOWN = 200

/** What would have been otherwise, by person and host: what would be let through more easily first. */
export function ReplayResult({ of }: { of: Replayed }) {
  const notCompared = of.not_decided_by_rules + of.identity_incomplete + of.unreadable
  return (
    <>
      <h2>{of.differences.length === 0 ? 'Nothing would be otherwise' : 'What would be otherwise'}</h2>
      <p>
        {of.calls} calls: {of.unchanged} unchanged, {of.newly_denied} newly denied, {of.newly_approve} newly
        asking, {of.newly_allowed} newly allowed.{' '}
        {of.weaker > 0 && <strong class="bad">{of.weaker} would be let through more easily.</strong>}
        {notCompared > 0 &&
          ` Not compared: ${of.not_decided_by_rules} that met a limit or a lock, ${of.identity_incomplete} of before groups were recorded, ${of.unreadable} that cannot be read.`}
      </p>
      {of.calls === 0 && <Empty>Nobody called in this time.</Empty>}
      <ul class="cards">
        {of.differences.slice(0, MOST_SHOWN).map((one) => (
          <Line key={JSON.stringify([one.person, one.issuer, one.hosts, one.was, one.would_be])} of={one} />
        ))}
      </ul>
      {of.differences.length > MOST_SHOWN && <p>And {of.differences.length - MOST_SHOWN} more lines.</p>}
    </>
  )
}

function Line({ of }: { of: Difference }) {
  return (
    <li class="card">
      <strong>
        <Plain text={of.person} />
      </strong>
      {of.hosts.length > 0 && (
        <>
          {' '}
          on <code>{of.hosts.join(', ')}</code>
        </>
      )}
      <p class={isWeaker(of) ? 'bad' : undefined}>
        {of.count} × was {WORDS[of.was]}, would {WOULD[of.would_be]}; the latest <Ago at={of.newest_at} />
      </p>
      <p class="soft">
        By <Plain text={of.rules.join(', ')} />; was by <Plain text={of.past_rules.join(', ')} />
      </p>
      <ul>
        {of.samples.map((sample) => (
          <li key={sample}>
            <code>
              <Plain text={sample.length > 300 ? `${sample.slice(0, 300)}…` : sample} />
            </code>
          </li>
        ))}
      </ul>
    </li>
  )
}
