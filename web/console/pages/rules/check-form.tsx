import { useState } from 'preact/hooks'
import { view } from '../../bridge-client.ts'
import { useLoaded } from '../../loaded.ts'
import { Code, Plain } from '../../parts/plain.tsx'
import { Show } from '../../parts/states.tsx'
import { Instant } from '../../parts/time.tsx'
import { query, setQuery } from '../../place.ts'
import { valuesOf, WhoFields } from './who-fields.tsx'

interface Checked {
  readonly verdict: 'allow' | 'approve' | 'deny'
  readonly rule: string
  readonly why?: string
  readonly as: string
  readonly roles: readonly string[]
  readonly host: string
  readonly at: string
  readonly parts: readonly { readonly needs: string; readonly says: string; readonly verdict: string }[]
  readonly would_run?: string
  readonly approvers?: readonly string[]
  readonly approvals?: number
  readonly observed?: { readonly rule: string; readonly verdict: string }
  readonly suggestions: readonly { readonly say: string }[]
}

const NAMES = [
  'person',
  'role',
  'groups',
  'scopes',
  'host',
  'action',
  'command',
  'path',
  'sudo',
  'tainted',
  'from',
]
const ACTIONS = {
  run: 'run a command',
  read_file: 'read a file',
  list_directory: 'list a directory',
  write_file: 'write a file',
  edit_file: 'edit a file',
  download: 'download a file',
  upload: 'upload a file',
  describe_host: 'ask for the facts',
  open_session: 'open a session',
  open_terminal: 'open a terminal',
} as const
const WITH_PATH = ['read_file', 'list_directory', 'write_file', 'edit_file', 'download', 'upload']

/** "May this person run this there?" The question is in the address. */
export function CheckForm() {
  const given = (name: string) => query.value.get(name) ?? ''
  const [action, setAction] = useState(given('action') || 'run')
  const isAsked = given('host') !== '' && (given('person') !== '' || given('role') !== '')
  return (
    <>
      <p>Nobody asks and nothing is run: this is what the rules would say.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setQuery(valuesOf(event.currentTarget, NAMES))
        }}
      >
        <div class="filters asked">
          <WhoFields />
          <label>
            Host
            <input name="host" required defaultValue={given('host')} maxLength={63} />
          </label>
          <label>
            Wants to
            <select name="action" value={action} onChange={(event) => setAction(event.currentTarget.value)}>
              {Object.entries(ACTIONS).map(([kind, words]) => (
                <option key={kind} value={kind}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <label>
            From address
            <input name="from" defaultValue={given('from')} maxLength={64} />
            <small class="hint">For rules about networks</small>
          </label>
        </div>
        {action === 'run' && (
          <label>
            Command
            <textarea
              name="command"
              required
              rows={3}
              maxLength={4096}
              spellcheck={false}
              defaultValue={given('command')}
            />
          </label>
        )}
        {WITH_PATH.includes(action) && (
          <label>
            Path
            <input name="path" required defaultValue={given('path')} maxLength={4096} />
          </label>
        )}
        <label class="tick">
          <input type="checkbox" name="sudo" value="true" defaultChecked={given('sudo') === 'true'} /> As root
        </label>
        <label class="tick">
          <input type="checkbox" name="tainted" value="true" defaultChecked={given('tainted') === 'true'} />{' '}
          Has read what others may have written
        </label>
        <button type="submit" class="primary">
          Ask the rules
        </button>
      </form>
      <div aria-live="polite">{isAsked && <Answer />}</div>
    </>
  )
}

function Answer() {
  const asked = Object.fromEntries(NAMES.map((name) => [name, query.value.get(name) ?? '']))
  const checked = useLoaded(
    `check ${JSON.stringify(asked)}`,
    (signal) => view<Checked>('rule-check', asked, signal),
    ['configuration'],
  )
  return (
    <Show of={checked} what="what the rules say">
      {(answer) => <Said answer={answer} />}
    </Show>
  )
}

const VERDICTS = {
  allow: ['good', 'Allowed'],
  approve: ['warn', 'Somebody has to approve it'],
  deny: ['bad', 'Denied'],
} as const

function Said({ answer }: { answer: Checked }) {
  const [tone, words] = VERDICTS[answer.verdict]
  return (
    <div class="card answer">
      <h2 class={tone}>{words}</h2>
      <p>
        By{' '}
        <strong>
          <Plain text={answer.rule} />
        </strong>
        , for <Plain text={answer.as} /> on <code>{answer.host}</code>, <Instant at={answer.at} />; roles:{' '}
        <Plain text={answer.roles.join(', ') || 'none'} />.
      </p>
      {answer.why !== undefined && (
        <p>
          <span class="soft">They would read: </span>
          <Plain text={answer.why} />
        </p>
      )}
      {answer.approvals !== undefined && (
        <p>
          {answer.approvals} of: <Plain text={answer.approvers?.join(', ') || 'the caller itself'} />
        </p>
      )}
      {answer.parts.length > 0 && (
        <>
          <h3>What was understood</h3>
          <ul>
            {answer.parts.map((part, index) => (
              <li key={index}>
                <code>
                  <Plain text={part.needs} />
                </code>
                <br />
                <Plain text={part.says} />
              </li>
            ))}
          </ul>
        </>
      )}
      {answer.would_run !== undefined && (
        <>
          <h3>What would be run</h3>
          <Code text={answer.would_run} label="What would be run" />
        </>
      )}
      {answer.observed !== undefined && (
        <p>
          The rule <Plain text={answer.observed.rule} />, which only observes, would have said{' '}
          {answer.observed.verdict}.
        </p>
      )}
      {answer.suggestions.length > 0 && (
        <>
          <h3>Would be let through instead</h3>
          <ul>
            {answer.suggestions.map(({ say }) => (
              <li key={say}>
                <Plain text={say} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
