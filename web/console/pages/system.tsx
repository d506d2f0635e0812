import { useEffect } from 'preact/hooks'
import { view } from '../bridge-client.ts'
import { useLoaded } from '../loaded.ts'
import { Show } from '../parts/states.tsx'
import { Health } from './system/health.tsx'
import { Instances } from './system/instances.tsx'
import { Plots } from './system/plots.tsx'
import type { System } from './system/shapes.ts'

const LOOK_MS = 10_000

export default function SystemPage() {
  const system = useLoaded('system', (signal) => view<System>('system', {}, signal), ['instances'])
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && system.again(), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <h1>System</h1>
      <Show of={system} what="how the bridge is">
        {(known) => (
          <>
            <Health system={known} />
            <h2>Instances</h2>
            <Instances instances={known.parts.instances} own={known.parts.instance} />
            <h2>The last hour</h2>
            <Plots past={known.past} />
          </>
        )}
      </Show>
    </>
  )
}
