import { useEffect, useState } from 'preact/hooks'
import { view } from '../bridge-client.ts'
import { useLoaded } from '../loaded.ts'
import { Show } from '../parts/states.tsx'
import { query } from '../place.ts'
import { holds } from '../who.ts'
import { EndCommand } from './now/end-command.tsx'
import { FollowOutput } from './now/follow-output.tsx'
import { LiveCalls } from './now/live-calls.tsx'
import { LockDialog } from './now/lock-dialog.tsx'
import { Locks } from './now/locks.tsx'
import { type About, commandIdOf, type Now } from './now/now-view.ts'
import { Instances, OpenSessions } from './now/open-sessions.tsx'

const LOOK_AGAIN_MS = 10_000

type Asked =
  | { readonly what: 'end'; readonly id: string; readonly command: string | undefined }
  | { readonly what: 'lock'; readonly about: About }

/** What goes on at this moment, and how to stop it. */
export default function NowPage() {
  const now = useLoaded('now', (signal) => view<Now>('now', {}, signal), ['calls', 'sessions', 'instances'])
  useEffect(() => {
    // An instance that is gone tells nobody, and a session that nobody uses any more neither.
    const timer = setInterval(() => !document.hidden && now.again(), LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [])
  const [asked, setAsked] = useState<Asked>()
  const [told, setTold] = useState('')
  const close = () => setAsked(undefined)
  const onLock = (about: About) => setAsked({ what: 'lock', about })
  const followed = query.value.get('follow')
  const commandOf = (id: string) => now.value?.calls.find((call) => commandIdOf(call) === id)?.command
  return (
    <>
      <h1>Now</h1>
      <p class="told" role="status">
        {told}
      </p>
      {followed !== null && !holds('admin') && (
        <p class="empty">To follow what others run needs mcp:operate.</p>
      )}
      {followed !== null && holds('admin') && (
        <FollowOutput
          id={followed}
          onEnd={() => setAsked({ what: 'end', id: followed, command: commandOf(followed) })}
        />
      )}
      <Show of={now} what="what is going on">
        {(value) => (
          <>
            <LiveCalls
              calls={value.calls}
              instances={value.instances.length}
              onEnd={(id, command) => setAsked({ what: 'end', id, command })}
              onLock={onLock}
            />
            <OpenSessions now={value} onLock={onLock} />
          </>
        )}
      </Show>
      {holds('admin') && <Locks onLock={() => onLock({})} onDone={setTold} />}
      {now.value !== undefined && <Instances instances={now.value.instances} />}
      {asked?.what === 'end' && (
        <EndCommand id={asked.id} command={asked.command} onDone={setTold} onClose={close} />
      )}
      {asked?.what === 'lock' && <LockDialog about={asked.about} onLocked={setTold} onClose={close} />}
    </>
  )
}
