import { askToNotify, permission } from '../../notify.ts'

/** Asks the browser to tell of new requests, if somebody wants that. */
export function NotifyButton() {
  switch (permission.value) {
    case 'default':
      return (
        <button type="button" onClick={() => void askToNotify()}>
          Notify me of new requests
        </button>
      )
    case 'granted':
      return <span class="soft">This browser notifies you of new requests while the console is open.</span>
    case 'denied':
      return <span class="soft">This browser was told not to notify: its settings of this site say so.</span>
    case 'none':
      return null
  }
}
