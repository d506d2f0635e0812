import { Link } from '../../parts/link.tsx'
import { Code, Plain } from '../../parts/plain.tsx'
import { Empty } from '../../parts/states.tsx'
import { duration, tick } from '../../parts/time.tsx'
import { holds } from '../../who.ts'
import { type About, commandIdOf, type LiveCall } from './now-view.ts'

/** On a host, or on many. What only concerns the bridge itself (looking at output, locks, approvals) is over in a moment, or does nothing by itself. */
const reachesHosts = ({ host, command }: LiveCall) => host !== undefined || command !== undefined

/** The calls that are being carried out. The oldest come first: what runs for long is of interest, and nothing moves when another begins. */
export function LiveCalls({
  calls,
  instances,
  onEnd,
  onLock,
}: {
  calls: readonly LiveCall[]
  instances: number
  onEnd: (id: string, command: string | undefined) => void
  onLock: (about: About) => void
}) {
  const doing = calls.filter(reachesHosts).reverse()
  const others = calls.filter((call) => !reachesHosts(call))
  return (
    <>
      {doing.length === 0 ? (
        <Empty>Nothing is being carried out. Calls appear here as they begin.</Empty>
      ) : (
        <ul class="cards" aria-label="Calls">
          {doing.map((call) => (
            <li key={call.id} class="card">
              <Heading call={call} isOfMany={instances > 1} />
              {call.command !== undefined && <Code text={call.command} label="The command" />}
              {call.about !== undefined && call.command === undefined && (
                <p>
                  <code>
                    <Plain text={call.about} />
                  </code>
                </p>
              )}
              {holds('admin') && (
                <div class="buttons">
                  {call.action === 'run' && (
                    <>
                      <Link to={`/now?follow=${commandIdOf(call)}`} className="button">
                        Follow
                      </Link>
                      <button type="button" onClick={() => onEnd(commandIdOf(call), call.command)}>
                        End it…
                      </button>
                    </>
                  )}
                  <button type="button" onClick={() => onLock(call)}>
                    Lock…
                  </button>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>Calls that reach no host: {others.length}</summary>
        <ul class="plain">
          {others.map((call) => (
            <li key={call.id}>
              <Plain text={call.who.name} />: {call.action.replaceAll('_', ' ')} <code>{call.about}</code>
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}

function Heading({ call, isOfMany }: { call: LiveCall; isOfMany: boolean }) {
  return (
    <p class="heading">
      <strong>
        <Plain text={call.who.name} />
      </strong>
      <span>
        {call.action.replaceAll('_', ' ')}
        {call.host !== undefined && (
          <>
            {' '}
            on <code>{call.host}</code>
          </>
        )}
      </span>
      <span class="soft">
        for {duration(Math.max(0, tick.value - Date.parse(call.started_at)))}
        {call.client !== undefined && (
          <>
            {' · through '}
            <Plain text={call.client} />
          </>
        )}
        {call.edge !== undefined && ` · by ${call.edge.replace('_', ' over ')}`}
        {isOfMany && ` · at ${call.instance}`}
      </span>
    </p>
  )
}
