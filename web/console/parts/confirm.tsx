import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { messageOf } from '../loaded.ts'

/** A question before something that cannot be taken back. `act` is done on yes; what goes wrong is said in the dialog, which stays. */
export function Confirm({
  title,
  yes,
  act,
  onClose,
  children,
  danger = false,
}: {
  title: string
  yes: string
  act: () => Promise<unknown>
  onClose: () => void
  children: ComponentChildren
  danger?: boolean
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    try {
      await act()
      onClose()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={title}>
      <form onSubmit={submit}>
        <h2>{title}</h2>
        {children}
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={isBusy}>
            {isBusy ? 'Working…' : yes}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  )
}
