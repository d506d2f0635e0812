import { type Call, hostOf } from '../../domain/call.ts'
import { principalKey } from '../../domain/principal.ts'
import { createRedactor } from '../redaction/create-redactor.ts'
import { joined, type Label, labelled, type Redactor, type Span } from '../redaction/redactor.ts'
import type { KeptSecret, SecretBook } from './secret-book.ts'

interface Parts {
  readonly redactor: Redactor
  readonly secrets: SecretBook
}

/**
 * The redactor for what a call's host gave. In the place of a secret that the bridge recognised stands a handle, which the caller may use in a
 * later command on that host; of a credential of the configuration there is none. Values that commands there were given are looked for
 * as well, wherever they stand.
 */
export function redactorFor(call: Call, parts: Parts): Redactor {
  // guard: forgotten-is-withheld
  if (isForgotten(call, parts)) return withheld(parts.redactor)
  return redactorBeside(call, parts)
}

/** The same for the words beside an output: they are the bridge's own, or the caller's, who knows no value. None is withheld whole. */
export function redactorBeside(call: Call, { redactor, secrets }: Parts): Redactor {
  const host = hostOf(call.action)
  if (host === undefined) return redactor
  const { principal } = call
  const owner = principalKey(principal)
  const label: Label = (span, bytes) => {
    // guard: no-handle-for-a-credential
    if (span.kind === 'configured') return redactor.label(span, bytes)
    // Of one host among many, equal outputs are told once: handles would make them differ.
    if (!span.isWhole || call.parent !== undefined) return redactor.label(span, bytes)
    const value = span.value ?? bytes.subarray(span.start, span.end)
    const handle = secrets.handleOf(principal, host, value, span.kind)
    return handle === undefined ? redactor.label(span, bytes) : `[redacted ${span.kind} ${handle}]`
  }
  const revealed = secrets.revealed(owner, host)
  return labelled(revealed.length === 0 ? redactor : both(redactor, revealed), label)
}

/** The same for what is recorded. Others read it, at other times: in the place of a secret stands what kind it was, and no handle. */
export function redactorForRecording(call: Call, parts: Parts): Redactor {
  return labelled(redactorBeside(call, parts), ({ kind }) => `[redacted ${kind}]`)
}

/** What a command was given and is forgotten cannot be found in its output any more: none of that is shown. */
function isForgotten({ action, principal }: Call, { secrets }: Pick<Parts, 'secrets'>): boolean {
  if (action.kind !== 'run') return false
  const owner = principalKey(principal)
  return (action.secrets ?? []).some(({ handle }) => secrets.find(owner, action.host, handle) === undefined)
}

function withheld(redactor: Redactor): Redactor {
  const label = () => '[withheld: the command was given secrets that are forgotten by now]'
  const spans = ({ length }: Buffer): readonly Span[] =>
    length === 0 ? [] : [{ start: 0, end: length, kind: 'configured', isWhole: false }]
  return labelled({ ...redactor, spans, longestBytes: redactor.longestBytes }, label)
}

function both(redactor: Redactor, kept: readonly KeptSecret[]): Redactor {
  const own = finderOf(kept)
  return {
    ...redactor,
    longestBytes: Math.max(redactor.longestBytes, own.longestBytes),
    spans: (bytes) => joined([...redactor.spans(bytes), ...own.spans(bytes)]),
    begunAt: (bytes) => Math.min(redactor.begunAt(bytes), own.begunAt(bytes)),
  }
}

/** Made anew when others were given to commands. */
const finders = new WeakMap<readonly KeptSecret[], Redactor>()

function finderOf(kept: readonly KeptSecret[]): Redactor {
  const known = finders.get(kept)
  if (known !== undefined) return known
  const given = kept.map(({ value, kind }) => ({ text: value.toString(), kind }))
  const redaction = { secrets: [], recognizers: [], given }
  const made = createRedactor(() => redaction)
  finders.set(kept, made)
  return made
}
