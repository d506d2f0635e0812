import { useMemo, useState } from 'preact/hooks'
import { Code, Plain } from '../../parts/plain.tsx'
import { query, setQuery } from '../../place.ts'
import { type Cast, type Mark, marksOf, timesOf } from './cast.ts'
import { Screen } from './screen.tsx'
import { Transcript } from './transcript.ts'
import { type Playing, usePlaying } from './use-playing.ts'

const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const
const IDLES = [
  [0.5, 'half a second'],
  [1, '1 second'],
  [2, '2 seconds'],
  [5, '5 seconds'],
  [Number.POSITIVE_INFINITY, 'as they were'],
] as const
/** An arrow key goes so far. */
const STEP_S = 5
/** Of the text so much is shown at first, and with each asking for more. */
const TEXT_PART = 100_000

/** Shows what a recording shows. It never begins by itself. */
export default function Player({ cast }: { cast: Cast }) {
  const [speed, setSpeed] = useState(1)
  const [idleS, setIdle] = useState(2)
  const playing = usePlaying(cast, speed, idleS)
  const transcript = useMemo(() => whenAsked(cast), [cast])
  const words = query.value.get('q') ?? ''
  const onKeyDown = (event: KeyboardEvent) => {
    if (keyOf(event, playing)) event.preventDefault()
  }
  return (
    <section class="player" aria-label="Player" onKeyDown={onKeyDown}>
      {playing.problem !== undefined && (
        <p class="problem" role="alert">
          {playing.problem}
        </p>
      )}
      <Screen rows={playing.rows} size={playing.size} marked={words.toLowerCase()} />
      <div class="controls">
        <button type="button" class="primary" onClick={playing.toggle}>
          {playing.isPlaying ? 'Pause' : 'Play'}
        </button>
        <input
          type="range"
          class="seek"
          aria-label="Place in the recording"
          aria-valuetext={`${clockOf(playing.atS)} of ${clockOf(playing.lengthS)}`}
          min={0}
          max={playing.lengthS}
          step="any"
          value={playing.atS}
          onInput={(event) => playing.seek(Number(event.currentTarget.value))}
        />
        <span class="clock">
          {clockOf(playing.atS)} / {clockOf(playing.lengthS)}
        </span>
        <label>
          Speed
          <select value={speed} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
            {SPEEDS.map((one) => (
              <option key={one} value={one}>{`${one}×`}</option>
            ))}
          </select>
        </label>
        <label>
          Longest pause
          <select value={idleS} onChange={(event) => setIdle(Number(event.currentTarget.value))}>
            {IDLES.map(([one, title]) => (
              <option key={title} value={one}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="soft keys">
        <kbd>Space</kbd> plays and pauses, <kbd>←</kbd> <kbd>→</kbd> go {STEP_S} seconds, <kbd>Home</kbd>{' '}
        <kbd>End</kbd> to the beginning and the end.
      </p>
      <p role="status" class="soft">
        {statusOf(playing)}
      </p>
      <Search transcript={transcript} words={words} playing={playing} />
      <Marks cast={cast} idleS={idleS} playing={playing} />
      <Text of={transcript} />
      {cast.unreadable > 0 && <p class="warn">{cast.unreadable} lines of the recording could not be read.</p>}
    </section>
  )
}

/** The text of a long recording is made for who looks for something in it. */
function whenAsked(cast: Cast): () => Transcript {
  let made: Transcript | undefined
  return () => {
    made ??= new Transcript(cast)
    return made
  }
}

/** @returns whether the key was one of the player's. Fields keep theirs. */
function keyOf({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent, playing: Playing): boolean {
  if (ctrlKey || metaKey || altKey) return false
  const { tagName, type = '' } = target as HTMLElement & { type?: string }
  if (tagName === 'SELECT' || tagName === 'TEXTAREA' || (tagName === 'INPUT' && type !== 'range'))
    return false
  if (key === ' ' && tagName !== 'BUTTON' && tagName !== 'SUMMARY') playing.toggle()
  else if (key === 'ArrowLeft') playing.seek(playing.atS - STEP_S)
  else if (key === 'ArrowRight') playing.seek(playing.atS + STEP_S)
  else if (key === 'Home') playing.seek(0)
  else if (key === 'End') playing.seek(playing.lengthS)
  else return false
  return true
}

/** Goes from finding to finding in what was shown. */
function Search({
  transcript,
  words,
  playing,
}: {
  transcript: () => Transcript
  words: string
  playing: Playing
}) {
  const found = useMemo(() => (words === '' ? [] : transcript().find(words)), [transcript, words])
  const [at, setAt] = useState(-1)
  const show = (list: readonly number[], number: number) => {
    const index = list[number]
    setAt(number)
    if (index !== undefined) playing.jump(index)
  }
  const step = (by: 1 | -1) => show(found, (at + by + found.length) % found.length)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const wanted = String(new FormData(event.currentTarget as HTMLFormElement).get('q') ?? '')
    if (wanted === words && found.length > 0) return step(1)
    setQuery({ q: wanted })
    show(transcript().find(wanted), 0)
  }
  return (
    <form onSubmit={submit} aria-label="In the recording" class="find">
      <label>
        Find in what was shown
        <input name="q" type="search" value={words} />
      </label>
      <div class="buttons">
        <button type="submit">Find</button>
        <button type="button" disabled={found.length === 0} onClick={() => step(-1)}>
          Previous
        </button>
        <button type="button" disabled={found.length === 0} onClick={() => step(1)}>
          Next
        </button>
        <span role="status">
          {words !== '' &&
            (found.length === 0
              ? 'It was not shown.'
              : at < 0
                ? `Found ${found.length} times.`
                : `${Math.min(at, found.length - 1) + 1} of ${found.length}`)}
        </span>
      </div>
    </form>
  )
}

function Marks({ cast, idleS, playing }: { cast: Cast; idleS: number; playing: Playing }) {
  const marks = useMemo(() => marksOf(cast), [cast])
  const times = useMemo(() => timesOf(cast, idleS), [cast, idleS])
  if (marks.length === 0) return null
  return (
    <>
      <h2>Commands and remarks</h2>
      <ol class="marks">
        {marks.map((mark) => (
          <li key={`${mark.index} ${mark.text}`}>
            <button type="button" class="small" onClick={() => playing.jump(mark.index)}>
              {clockOf(times[mark.index] ?? 0)}
            </button>{' '}
            <Told mark={mark} />
          </li>
        ))}
      </ol>
    </>
  )
}

function Told({ mark: { kind, text } }: { mark: Mark }) {
  return kind === 'command' ? (
    <code>
      <Plain text={text} />
    </code>
  ) : (
    <span class="soft">
      <Plain text={text} />
    </span>
  )
}

/** All of it without the screen: what was written over is there too, and characters that nobody sees have their numbers. */
function Text({ of }: { of: () => Transcript }) {
  const [parts, setParts] = useState(1)
  const [isOpen, setOpen] = useState(false)
  const text = isOpen ? of().text : ''
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Everything that was shown, as text</summary>
      {isOpen && <Code text={text.slice(0, parts * TEXT_PART)} label="Everything that was shown" />}
      {isOpen && parts * TEXT_PART < text.length && (
        <button type="button" onClick={() => setParts(parts + 1)}>
          More of it
        </button>
      )}
    </details>
  )
}

function statusOf({ isPlaying, isDrawing, atS }: Playing): string {
  if (isPlaying) return 'Playing.'
  return isDrawing ? `Going to ${clockOf(atS)}…` : `Paused at ${clockOf(atS)}: the screen above can be read.`
}

function clockOf(s: number): string {
  const whole = Math.floor(s)
  const minutes = Math.floor(whole / 60)
  const shown = `${minutes % 60}:${String(whole % 60).padStart(2, '0')}`
  return minutes < 60 ? shown : `${Math.floor(minutes / 60)}:${shown.padStart(5, '0')}`
}
