import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Code, Plain } from '../../parts/plain.tsx'
import { duration } from '../../parts/time.tsx'
import { setQuery } from '../../place.ts'
import { type Followed, type Stream, useFollowed } from './follow-command.ts'

const count = new Intl.NumberFormat('en')

/** What one command prints, while it prints it. */
export function FollowOutput({ id, onEnd }: { id: string; onEnd: () => void }) {
  const [stream, setStream] = useState<Stream>('output')
  const followed = useFollowed(id, stream)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [id])
  const { page, problem, needs } = followed
  return (
    <section class="card follow" aria-labelledby="following">
      <h2 id="following" ref={heading} tabIndex={-1}>
        {page === undefined ? 'Output' : `Output on ${page.host}`}
      </h2>
      {page !== undefined && <Code text={page.command} label="The command" />}
      <p class="standing" role="status">
        {needs === undefined && problem === undefined && <Standing followed={followed} />}
        {needs !== undefined && <>To follow what others run needs mcp:operate. The bridge says: {needs}</>}
      </p>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem} {!followed.isOver && 'It is asked again.'}
        </p>
      )}
      {page !== undefined && <Shown followed={followed} />}
      <div class="buttons">
        {page !== undefined && !followed.isOver && (
          <button type="button" class="danger" onClick={onEnd}>
            End it…
          </button>
        )}
        <button type="button" onClick={() => setQuery({ follow: undefined })}>
          Close
        </button>
        <label class="inline">
          Show
          <select value={stream} onInput={(event) => setStream(event.currentTarget.value as Stream)}>
            <option value="output">both streams</option>
            <option value="stdout">standard output</option>
            <option value="stderr">standard error</option>
          </select>
        </label>
      </div>
    </section>
  )
}

function Standing({ followed: { page, isOver } }: { followed: Followed }) {
  if (page === undefined) return <>Asking for its output…</>
  const { state, exit_status, signal, duration_ms, remote, outcome_reason, notice } = page
  return (
    <>
      <strong>{state.replace('_', ' ')}</strong>
      {exit_status !== null && `, exit status ${exit_status}`}
      {signal !== null && `, ended by ${signal}`}
      {isOver && `, after ${duration(duration_ms)}`}
      {remote !== undefined && `, on the host: ${remote.state.replace('_', ' ')}`}
      {[outcome_reason, notice].map(
        (text) =>
          text !== undefined && (
            <span key={text}>
              {' · '}
              <Plain text={text} />
            </span>
          ),
      )}
    </>
  )
}

function Shown({ followed }: { followed: Followed }) {
  const { shown, skippedBytes, redactions, controls, isOver } = followed
  const box = useRef<HTMLElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    if (box.current !== null && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight
  }, [shown.text])
  const left = [
    skippedBytes > 0 && `${count.format(skippedBytes)} bytes before this were not fetched`,
    shown.droppedLines > 0 && `${count.format(shown.droppedLines)} lines before this are not shown any more`,
    redactions > 0 && `${count.format(redactions)} secrets were taken out`,
    controls > 0 && `${count.format(controls)} control sequences are shown as text or left out`,
  ].filter((text) => text !== false)
  return (
    <>
      {left.length > 0 && <p class="soft">{left.join('; ')}.</p>}
      <section
        ref={box}
        class="code output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        aria-label="What it printed"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 8
        }}
      >
        {shown.text === '' ? (
          <span class="soft">{isOver ? 'It printed nothing.' : 'Nothing yet.'}</span>
        ) : (
          <Plain text={shown.text} />
        )}
      </section>
    </>
  )
}
