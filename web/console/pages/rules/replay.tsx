import { useRef, useState } from 'preact/hooks'
import { send, view } from '../../bridge-client.ts'
import { messageOf, useLoaded } from '../../loaded.ts'
import { Plain } from '../../parts/plain.tsx'
import { Show } from '../../parts/states.tsx'
import { Instant } from '../../parts/time.tsx'
import { ReplayResult } from './replay-result.tsx'
import { merge, type Replayed } from './replayed.ts'

const DAY_MS = 86_400_000
const DAYS = 30

type Run =
  | { readonly state: 'going'; readonly share: number; readonly sofar: Replayed | undefined }
  | { readonly state: 'done' | 'stopped'; readonly result: Replayed | undefined }
  | { readonly state: 'refused'; readonly problems: readonly string[] }
  | { readonly state: 'failed'; readonly why: string }

/** What edited rules would have said to the calls of the last 30 days. Nothing is saved. */
export function Replay() {
  const written = useLoaded('rules-text', (signal) => view<{ text: string }>('rules-text', {}, signal))
  return (
    <>
      <p>
        Change the rules below and see what they would have said to the calls of the last {DAYS} days. Nothing
        is saved and nothing is run. Each portion that is looked at is a call of yours, on record, that reads
        the audit.
      </p>
      <Show of={written} what="the rules as they are written">
        {({ text }) => <Editor written={text} />}
      </Show>
    </>
  )
}

function Editor({ written }: { written: string }) {
  const [text, setText] = useState(written)
  const [run, setRun] = useState<Run>()
  const asked = useRef({ isOver: false })

  const start = async () => {
    const own = { isOver: false }
    asked.current = own
    const from = Date.now() - DAYS * DAY_MS
    let sofar: Replayed | undefined
    let after: number | undefined
    setRun({ state: 'going', share: 0, sofar })
    try {
      do {
        const body = {
          rules: text,
          since: new Date(from).toISOString(),
          ...(after !== undefined && { after }),
        }
        const answer = await send<{
          problems: readonly string[]
          replayed?: Replayed
          next?: number
          reached_at?: string
        }>('/rules/replay', body)
        if (answer.replayed === undefined) {
          setRun({ state: 'refused', problems: answer.problems })
          return
        }
        sofar = merge(sofar, answer.replayed)
        after = answer.next
        const reached = answer.reached_at === undefined ? from : Date.parse(answer.reached_at)
        if (after !== undefined && !own.isOver)
          setRun({ state: 'going', share: Math.min(1, (reached - from) / (DAYS * DAY_MS)), sofar })
      } while (after !== undefined && !own.isOver)
      setRun({ state: after === undefined ? 'done' : 'stopped', result: sofar })
    } catch (error) {
      setRun({ state: 'failed', why: messageOf(error) })
    }
  }

  const isGoing = run?.state === 'going'
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
      >
        <label>
          Roles and rules
          <textarea
            rows={18}
            spellcheck={false}
            maxLength={262_144}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <small class="hint">
            As in the file of the configuration: roles, rules and people. What is left out stays as it is.
          </small>
        </label>
        <div class="buttons">
          <button type="submit" class="primary" disabled={isGoing || text.trim() === ''}>
            {isGoing ? 'Asking…' : 'Ask these rules'}
          </button>
          {isGoing && (
            <button
              type="button"
              onClick={() => {
                asked.current.isOver = true
              }}
            >
              Stop
            </button>
          )}
          <button type="button" disabled={isGoing || text === written} onClick={() => setText(written)}>
            Back to the rules in the file
          </button>
        </div>
      </form>
      <div aria-live="polite">{run !== undefined && <Progress run={run} />}</div>
    </>
  )
}

function Progress({ run }: { run: Run }) {
  switch (run.state) {
    case 'going':
      return (
        <p class="loading">
          <progress max={1} value={run.share} aria-label="How much of the time was looked at" />{' '}
          {run.sofar?.calls ?? 0} calls decided again…
        </p>
      )
    case 'refused':
      return (
        <div class="problem">
          <p>These rules could not be in force:</p>
          <ul>
            {run.problems.map((problem) => (
              <li key={problem}>
                <Plain text={problem} />
              </li>
            ))}
          </ul>
        </div>
      )
    case 'failed':
      return (
        <p class="problem">
          <Plain text={run.why} />
        </p>
      )
    case 'done':
    case 'stopped':
      return (
        <>
          {run.state === 'stopped' && <p class="warn">Stopped: calls after this were not looked at.</p>}
          {run.result !== undefined && <ReplayResult of={run.result} />}
          <small>
            As of <Instant at={new Date().toISOString()} />
          </small>
        </>
      )
  }
}
