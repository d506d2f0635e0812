import { Plain } from '../../parts/plain.tsx'
import { Ago } from '../../parts/time.tsx'
import type { Instance, Part } from './shapes.ts'

/** Who shares the database. All should work with the same version, and decide by the same hosts and rules. */
export function Instances({ instances, own }: { instances: Part<readonly Instance[]>; own: string }) {
  if ('unknown' in instances)
    return (
      <p class="warn">
        The database did not tell who shares it: <Plain text={instances.unknown} />
      </p>
    )
  const me = instances.find(({ id }) => id === own)
  const isOther = ({ version, config }: Instance) =>
    me !== undefined && (version !== me.version || config !== me.config)
  return (
    <>
      {instances.some(isOther) && (
        <div class="problem" role="alert">
          <p>
            Instances differ: who reaches which is decided by chance, and so is what they are allowed. Give
            all the same version and configuration (docs/SCALING.md).
          </p>
        </div>
      )}
      <ul class="cards wide">
        {instances.map((instance) => (
          <li key={instance.id} class="card">
            <h3>
              <code>{instance.id}</code>
              {instance.id === own && <span class="tag">this one</span>}
              {isOther(instance) && <span class="tag bad">differs</span>}
            </h3>
            <dl>
              {instance.process !== undefined && (
                <>
                  <dt>Machine</dt>
                  <dd>
                    <Plain text={instance.process.split(' ').slice(0, 2).join(', process ')} />
                  </dd>
                </>
              )}
              <dt>Version</dt>
              <dd class={instance.version === me?.version ? undefined : 'bad'}>
                <Plain text={instance.version ?? '?'} />
              </dd>
              <dt>Configuration</dt>
              <dd class={instance.config === me?.config ? undefined : 'bad'}>
                <code>{instance.config ?? '?'}</code>
              </dd>
              <dt>Started</dt>
              <dd>
                <Ago at={instance.started_at} />
              </dd>
              <dt>Last sign of life</dt>
              <dd>
                <Ago at={instance.seen_at} />
              </dd>
            </dl>
          </li>
        ))}
      </ul>
    </>
  )
}
