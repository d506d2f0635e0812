import type { ComponentChildren } from 'preact'
import { Link } from '../../parts/link.tsx'
import { Code, Plain } from '../../parts/plain.tsx'
import { Ago, Instant } from '../../parts/time.tsx'
import { holds } from '../../who.ts'
import { type Approval, callIdOf, STATE_WORDS, type Verdict } from './approval.ts'

/** A request with all that is asked, for whoever has to answer for it. */
export function RequestCard({
  request,
  isCurrent,
  onAnswer,
  onFocus,
}: {
  request: Approval
  isCurrent: boolean
  onAnswer: (verdict: Verdict) => void
  onFocus: () => void
}) {
  const { command_id, state, own, answers, needed } = request
  return (
    <li>
      <article
        id={command_id}
        class="card request"
        tabIndex={-1}
        aria-labelledby={`of-${command_id}`}
        aria-current={isCurrent}
        onFocusIn={onFocus}
      >
        <h3 id={`of-${command_id}`}>
          <Plain text={request.requester} /> asks to {request.action.replaceAll('_', ' ')}
          {request.host !== undefined && (
            <>
              {' '}
              on <code>{request.host}</code>
            </>
          )}{' '}
          {own && <span class="tag warn">your own</span>}
          {state !== 'waiting' && <span class={`tag ${toneOf(state)}`}>{STATE_WORDS[state]}</span>}
        </h3>
        <Code text={request.text} label="All that would be done" />
        <Facts request={request} />
        {answers.length > 0 && <Answers answers={answers} />}
        {request.why !== undefined && (
          <p>
            How it ended: <Plain text={request.why} />
          </p>
        )}
        {state === 'waiting' && own && (
          <p class="warn">
            This is your own request: another person has to approve it. You may withdraw it where you asked.
          </p>
        )}
        {state === 'waiting' && !own && (
          <div class="buttons">
            <button type="button" class="primary" onClick={() => onAnswer('approve')}>
              Approve…
            </button>
            <button type="button" onClick={() => onAnswer('deny')}>
              Deny…
            </button>
            <Link to={`/approvals/${command_id}`} className="button">
              Link to this
            </Link>
          </div>
        )}
        {(state === 'started' || state === 'completed' || state === 'unknown') && (
          <Afterwards request={request} />
        )}
        {state === 'waiting' && needed > 1 && (
          <p class="soft">
            {answers.length} of {needed} people have approved it.
          </p>
        )}
      </article>
    </li>
  )
}

function Facts({ request }: { request: Approval }) {
  const { understood, classes, reason, client, parent } = request
  return (
    <dl>
      <Fact name="Understood as">
        {understood.length === 0 ? (
          <span class="soft">nothing: it is not a command that the bridge reads</span>
        ) : (
          <ul class="plain">
            {understood.map((line, index) => (
              <li key={`${index} ${line}`}>
                <code>
                  <Plain text={line} />
                </code>
              </li>
            ))}
          </ul>
        )}
      </Fact>
      {classes.length > 0 && (
        <Fact name="Kind of it">
          {classes.map((name) => (
            <span key={name} class="tag">
              {name}
            </span>
          ))}
        </Fact>
      )}
      <Fact name="Reason given">
        {reason === undefined ? <span class="soft">none</span> : <Plain text={reason} />}
      </Fact>
      <Fact name="Asked through">
        {client !== undefined && (
          <>
            <Plain text={client} />,{' '}
          </>
        )}
        {request.edge.replace('_', ' over ')}
      </Fact>
      <Fact name="Rule">
        <code>
          <Plain text={request.rule} />
        </code>
        {request.policy !== undefined && (
          <>
            {' '}
            of <code>{request.policy}</code>
          </>
        )}
        , by {request.needed === 1 ? 'one person' : `${request.needed} different people`}
      </Fact>
      <Fact name="Asked">
        <Ago at={request.requested_at} />{' '}
        <span class="soft">
          (<Instant at={request.requested_at} />)
        </span>
      </Fact>
      {request.state === 'waiting' && (
        <Fact name="Expires">
          <Ago at={request.expires_at} />{' '}
          <span class="soft">
            (<Instant at={request.expires_at} />)
          </span>
        </Fact>
      )}
      {parent !== undefined && (
        <Fact name="Part of">
          a call for many hosts, <code>{parent}</code>
        </Fact>
      )}
      <Fact name="Id and digest">
        <code>{request.command_id}</code>
        <br />
        <code class="digest">{request.digest}</code>
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Answers({ answers }: Pick<Approval, 'answers'>) {
  return (
    <ul class="plain">
      {answers.map(({ verdict, as, by, at, reason }) => (
        <li key={`${by} ${at}`}>
          {verdict === 'approve' ? 'Approved' : 'Denied'} by <Plain text={by} />
          {as === 'confirmation' && ', who asked it'} <Ago at={at} />
          {reason !== undefined && (
            <>
              : <Plain text={reason} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

/** What came of it is for others to see than those who approve, unless they are both. */
function Afterwards({ request }: { request: Approval }) {
  return (
    <p class="buttons">
      {request.action === 'run' && holds('admin') && (
        <Link to={`/now?follow=${request.command_id}`} className="button">
          Follow its output
        </Link>
      )}
      {holds('auditor') && (
        <Link to={`/history?call=${callIdOf(request)}`} className="button">
          Its whole story
        </Link>
      )}
      {!(holds('admin') && holds('auditor')) && (
        <span class="soft">
          {[
            !holds('admin') && 'its output needs mcp:operate',
            !holds('auditor') && 'its record needs mcp:audit',
          ]
            .filter((text) => text !== false)
            .join(', ')}
        </span>
      )}
    </p>
  )
}

function toneOf(state: Approval['state']): string {
  if (state === 'completed' || state === 'started') return 'good'
  return state === 'denied' || state === 'unknown' ? 'bad' : 'warn'
}
