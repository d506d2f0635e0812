import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLoaded } from '../loaded.ts'
import { Link } from '../parts/link.tsx'
import { Empty, Show } from '../parts/states.tsx'
import { place, query, setQuery } from '../place.ts'
import { AnswerDialog } from './approvals/answer-dialog.tsx'
import { type Approval, listApprovals, STATE_WORDS, type Verdict } from './approvals/approval.ts'
import { Grants } from './approvals/grants.tsx'
import { KeysDialog, useKeys } from './approvals/keys.tsx'
import { NotifyButton } from './approvals/notify-button.tsx'
import { RequestCard } from './approvals/request-card.tsx'

const OWN = 'That is your own request: another person has to answer it.'

/** What was answered here stays in sight, also for who comes back to the page. */
const answered = signal<ReadonlySet<string>>(new Set())

interface Asked {
  readonly request: Approval
  readonly verdict: Verdict
  /** Each question is another one. */
  readonly turn: number
}

/** Requests that wait for somebody's word, and giving it. */
export default function ApprovalsPage() {
  const [, named] = place.value
  const showsOver = query.value.get('all') === 'true'
  // What was answered here, or what a link names, is shown as it goes on, although it waits no longer.
  const all = showsOver || named !== undefined || answered.value.size > 0
  const loaded = useLoaded(`approvals ${all}`, (signal) => listApprovals(all, signal), ['approvals'])
  const last = useRef<readonly Approval[]>(undefined)
  if (loaded.value !== undefined) last.current = loaded.value
  const known = loaded.value ?? last.current
  const listed = (known ?? []).filter(
    ({ command_id: id, state }) =>
      showsOver || (named === undefined ? state === 'waiting' || answered.value.has(id) : id === named),
  )
  const waits = listed.filter(({ state }) => state === 'waiting')
  const over = listed.filter(({ state }) => state !== 'waiting').reverse()

  const [current, setCurrent] = useState<string>()
  const [asked, setAsked] = useState<Asked>()
  const turn = useRef(0)
  const ask = (request: Asked['request'], verdict: Asked['verdict']) => {
    turn.current += 1
    setAsked({ request, verdict, turn: turn.current })
  }
  const [told, setTold] = useState('')
  const [showsKeys, setShowsKeys] = useState(false)
  const goOnAt = useRef<string>(undefined)
  useEffect(() => {
    // The button that was pressed went with its request: the next request is where the keyboard is.
    if (asked !== undefined || goOnAt.current === undefined) return
    document.getElementById(goOnAt.current)?.focus()
    goOnAt.current = undefined
  }, [asked])

  useClosedWhenOver(asked, known, (why) => {
    setAsked(undefined)
    setTold(why)
  })
  const order = [...waits, ...over]
  useKeys({
    move: (by) => {
      const at = order.findIndex(({ command_id }) => command_id === current)
      const next = order[at < 0 ? 0 : Math.min(Math.max(at + by, 0), order.length - 1)]
      if (next !== undefined) document.getElementById(next.command_id)?.focus()
    },
    answer: (verdict) => {
      const request = waits.find(({ command_id }) => command_id === current)
      if (request !== undefined && !request.own) ask(request, verdict)
      else setTold(request === undefined ? 'Go to a request that waits first, with j and k.' : OWN)
    },
    help: () => setShowsKeys(true),
  })
  const card = (request: Approval) => (
    <RequestCard
      key={request.command_id}
      request={request}
      isCurrent={request.command_id === current}
      onAnswer={(verdict) => ask(request, verdict)}
      onFocus={() => setCurrent(request.command_id)}
    />
  )
  return (
    <>
      <h1>Approvals</h1>
      <div class="buttons">
        {named !== undefined && (
          <Link to="/approvals" className="button">
            All requests
          </Link>
        )}
        <NotifyButton />
        <button type="button" onClick={() => setShowsKeys(true)}>
          Keys <kbd>?</kbd>
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={showsOver}
            onInput={(event) => setQuery({ all: event.currentTarget.checked ? 'true' : undefined })}
          />
          Those that are over too
        </label>
      </div>
      <p class="told" role="status">
        {told}
      </p>
      <Show of={{ ...loaded, value: known }} what="what waits for approval">
        {() => (
          <>
            {waits.length === 0 && <Nothing isNamed={named !== undefined} isThere={over.length > 0} />}
            <ul class="cards" aria-label="Requests that wait">
              {waits.map(card)}
            </ul>
            {over.length > 0 && (
              <>
                <h2>Answered, or over</h2>
                <ul class="cards" aria-label="Requests that are over">
                  {over.map(card)}
                </ul>
              </>
            )}
          </>
        )}
      </Show>
      <Grants onDone={setTold} />
      {asked !== undefined && (
        <AnswerDialog
          key={asked.turn}
          request={asked.request}
          verdict={asked.verdict}
          onAnswered={({ command_id, state }) => {
            answered.value = new Set([...answered.value, command_id])
            const at = waits.findIndex((one) => one.command_id === command_id)
            goOnAt.current = (waits[at + 1] ?? waits[at - 1])?.command_id
            setTold(
              state === 'waiting'
                ? 'Your answer counts; more people have to approve it.'
                : `It is ${STATE_WORDS[state]}.`,
            )
            loaded.again()
          }}
          onChanged={(why) => {
            setTold(`Not answered. ${why} It was loaded again: look at it once more.`)
            loaded.again()
          }}
          // A dialog says that it is closed a moment later: by then the next question may be open.
          onClose={() => setAsked((now) => (now?.turn === asked.turn ? undefined : now))}
        />
      )}
      {showsKeys && <KeysDialog onClose={() => setShowsKeys(false)} />}
    </>
  )
}

/** A question about a request that was answered, withdrawn or replaced meanwhile is taken away, and says why. */
function useClosedWhenOver(
  asked: Asked | undefined,
  known: readonly Approval[] | undefined,
  close: (why: string) => void,
): void {
  const latest = useRef(close)
  latest.current = close
  useEffect(() => {
    if (asked === undefined || known === undefined) return
    const { command_id: id, digest } = asked.request
    const now = known.find(({ command_id }) => command_id === id)
    if (now?.state === 'waiting' && now.digest === digest) return
    if (now !== undefined) {
      const what =
        now.state === 'waiting' ? 'it is about something else now' : `it is ${STATE_WORDS[now.state]}`
      latest.current(
        `The request has changed meanwhile: ${what}.${now.why === undefined ? '' : ` ${now.why}`}`,
      )
      return
    }
    // Only those that wait were asked for: how this one ended is in the whole list.
    listApprovals(true).then(
      (every) => {
        const found = every.find(({ command_id }) => command_id === id)
        const why =
          found === undefined ? 'it is not there any more' : `${STATE_WORDS[found.state]}: ${found.why ?? ''}`
        latest.current(`The request is over meanwhile: ${why}.`)
      },
      () => latest.current('The request is over meanwhile.'),
    )
  }, [asked, known])
}

function Nothing({ isNamed, isThere }: { isNamed: boolean; isThere: boolean }) {
  if (isNamed && isThere) return null
  return (
    <Empty>
      {isNamed
        ? 'There is no such request that you may see. It may be forgotten, or be for others to answer.'
        : 'Nothing waits for your approval. What a rule of effect “approve” asks of you appears here by itself.'}
    </Empty>
  )
}
