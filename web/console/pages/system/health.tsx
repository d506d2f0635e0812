import type { ComponentChildren } from 'preact'
import { Plain } from '../../parts/plain.tsx'
import { Ago } from '../../parts/time.tsx'
import type { Audit, Configuration, Part, Sink, System } from './shapes.ts'

/** What an operator does about a part that keeps the bridge from taking calls. */
const ADVICE: Readonly<Record<string, string>> = {
  database:
    'Nothing runs until it answers again; look after the database. docs/OPERATIONS.md, “Health” and “PostgreSQL is gone”.',
  audit:
    'Nothing runs that cannot be recorded: look for a full or broken disk. docs/OPERATIONS.md, “Health”.',
  locks:
    'What is locked cannot be told, so nothing is begun. ssh-mcp-bridge locks reset lifts all of them; docs/OPERATIONS.md, “Locks”.',
  bridge: 'It comes back by itself, or is being stopped. docs/SCALING.md.',
}

export function Health({ system: { not_ready: problems, versions, parts } }: { system: System }) {
  const { database, audit, sinks, recordings, configuration } = parts
  return (
    <>
      {problems.length === 0 ? (
        <p class="good" role="status">
          <strong>Ready:</strong> this instance takes calls.
        </p>
      ) : (
        <div class="problem" role="alert">
          <p>
            <strong>Not ready:</strong> this instance takes no calls.
          </p>
          <ul>
            {problems.map(({ part, problem }) => (
              <li key={part}>
                {part}: <Plain text={problem} />. {ADVICE[part]}
              </li>
            ))}
          </ul>
        </div>
      )}
      <ul class="cards wide">
        <PartCard title="Versions" of={versions}>
          {({ bridge, node }) => (
            <Facts
              of={[
                ['Bridge', bridge],
                ['Node.js', node],
              ]}
            />
          )}
        </PartCard>
        <PartCard
          title="Database"
          of={database}
          problem={'problem' in database ? database.problem : undefined}
        >
          {({ engine, version = '', problem }) => (
            <Facts
              of={[
                ['Engine', `${engineName(engine)} ${version}`],
                ['Answers', problem === undefined ? 'yes' : 'no'],
              ]}
            />
          )}
        </PartCard>
        <PartCard title="Audit" of={audit} problem={'problem' in audit ? audit.problem : undefined}>
          {(known) => <AuditFacts audit={known} />}
        </PartCard>
        <PartCard title="Audit sinks" of={sinks}>
          {(known) => <Sinks sinks={known} />}
        </PartCard>
        <PartCard title="Configuration" of={configuration ?? { unknown: 'nothing tells' }}>
          {(known) => <ConfigurationFacts configuration={known} />}
        </PartCard>
        <PartCard title="Recordings" of={recordings}>
          {({ open }) => <Facts of={[['Being written', open]]} />}
        </PartCard>
      </ul>
    </>
  )
}

function PartCard<T>({
  title,
  of,
  problem,
  children,
}: {
  title: string
  of: Part<T>
  problem?: string | undefined
  children: (known: T) => ComponentChildren
}) {
  const unknown =
    typeof of === 'object' && of !== null && 'unknown' in of ? (of as { unknown: string }).unknown : undefined
  return (
    <li class="card">
      <h3>{title}</h3>
      {problem !== undefined && (
        <p class="bad">
          <Plain text={problem} />
        </p>
      )}
      {unknown === undefined ? (
        children(of as T)
      ) : (
        <p class="warn">
          It did not tell: <Plain text={unknown} />
        </p>
      )}
    </li>
  )
}

function AuditFacts({ audit: { log, key, first_seq: first, head, checkpoint } }: { audit: Audit }) {
  const unsigned = head && checkpoint ? head.seq - checkpoint.seq : 0
  return (
    <>
      <Facts
        of={[
          ['Log', <code key="log">{log}</code>],
          ['Signing key', <code key="key">{key}</code>],
          ['Records', head && first !== null ? (head.seq - first + 1).toLocaleString('en') : 0],
          ['Last record', head ? <Ago key="at" at={head.at} /> : 'none'],
          ['Last signature', checkpoint ? <Ago key="at" at={checkpoint.at} /> : 'none'],
          ['Not signed yet', unsigned],
        ]}
      />
      <p class="soft">
        Keep the key somewhere else, and verify: <code>ssh-mcp-bridge audit verify</code> (docs/AUDIT.md).
      </p>
    </>
  )
}

function Sinks({ sinks }: { sinks: readonly Sink[] }) {
  if (sinks.length === 0)
    return (
      <p>
        None: the audit is in this database alone. A copy elsewhere is what somebody with this machine cannot
        change: <code>audit.sinks</code> (docs/OPERATIONS.md).
      </p>
    )
  return (
    <ul class="ways">
      {sinks.map(({ name, lag_records: records = 0, lag_seconds: seconds = 0, fault, fault_at: at }) => (
        <li key={name}>
          <strong>
            <Plain text={name} />
          </strong>
          :{' '}
          {records === 0
            ? 'has everything'
            : `${records} records behind, the oldest for ${Math.round(seconds)} s`}
          {fault !== undefined && (
            <p class="bad">
              <Plain text={fault} /> {at !== undefined && <Ago at={at} />}. It is tried again, and nothing is
              lost; look after the receiver.
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

function ConfigurationFacts({
  configuration: { file, loaded_at: at, reload },
}: {
  configuration: Configuration
}) {
  return (
    <>
      <Facts
        of={[
          ['File', file === undefined ? 'none' : <Plain key="file" text={file} />],
          ['In force since', <Ago key="at" at={at} />],
        ]}
      />
      {reload !== undefined && reload.problems.length > 0 && (
        <div class="problem">
          <p>
            The file was changed <Ago at={reload.at} /> and not taken; what was in force stays. Mend it, and
            see with <code>ssh-mcp-bridge validate</code>:
          </p>
          <ul>
            {reload.problems.map((line, index) => (
              <li key={index}>
                <Plain text={line} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {reload !== undefined && reload.needs_restart.length > 0 && (
        <p class="warn">
          Takes effect with the next start: <Plain text={reload.needs_restart.join(', ')} />
        </p>
      )}
    </>
  )
}

function Facts({ of }: { of: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl>
      {of.map(([name, value]) => (
        <div key={name} class="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function engineName(engine: string): string {
  return engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'
}
