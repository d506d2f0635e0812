import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Verdict } from './approval.ts'

/** WCAG 2.2 §2.1.4: who speaks to the computer can turn keys of one letter off. */
const areOn = signal(true)

const KEYS = [
  ['j', 'to the next request'],
  ['k', 'to the one before'],
  ['a', 'opens the question whether to approve it'],
  ['d', 'opens the question whether to deny it'],
  ['?', 'shows this'],
] as const

/** While it is shown, keys of the page; none of them answers anything by itself. */
export function useKeys(does: {
  readonly move: (by: 1 | -1) => void
  readonly answer: (verdict: Verdict) => void
  readonly help: () => void
}): void {
  const latest = useRef(does)
  latest.current = does
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('dialog[open]') !== null) return
      if (event.key === '?') latest.current.help()
      else if (!areOn.value) return
      else if (event.key === 'j') latest.current.move(1)
      else if (event.key === 'k') latest.current.move(-1)
      else if (event.key === 'a') latest.current.answer('approve')
      else if (event.key === 'd') latest.current.answer('deny')
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null
}

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} onClose={onClose} aria-label="Keys">
      <h2>Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, does]) => (
          <>
            <dt key={key}>
              <kbd>{key}</kbd>
            </dt>
            <dd key={does}>{does}</dd>
          </>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={areOn.value}
          onInput={(event) => {
            areOn.value = event.currentTarget.checked
          }}
        />
        Keys of one letter do something
      </label>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  )
}
