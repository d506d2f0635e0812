import { signal } from '@preact/signals'
import { go } from './place.ts'

/** `none`: a browser without notifications, or a page that was not fetched safely. */
export type Permission = 'default' | 'granted' | 'denied' | 'none'

const now = (): Permission => ('Notification' in globalThis ? Notification.permission : 'none')

export const permission = signal<Permission>(now())

/** Asks whoever uses the browser; only ever because they pressed for it. */
export async function askToNotify(): Promise<void> {
  await Notification.requestPermission()
  permission.value = now()
}

/** A request that waits for approval, as far as it is told of. */
export interface WaitingRequest {
  readonly command_id: string
  readonly requester: string
  readonly host?: string
}

/** It may be read on a locked screen: who and where, never what. */
export function notifyOf({ command_id, requester, host }: WaitingRequest): void {
  if (now() !== 'granted') return
  try {
    const shown = new Notification('A request waits for approval', {
      body: host === undefined ? `${requester} asks.` : `${requester} asks on ${host}.`,
      tag: command_id,
    })
    shown.onclick = () => {
      focus()
      go(`/approvals/${command_id}`)
      shown.close()
    }
  } catch {
    // Browsers of phones have the name, but show nothing for a page without a service worker.
    permission.value = 'none'
  }
}
