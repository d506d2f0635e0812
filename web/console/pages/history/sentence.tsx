import type { ComponentChildren } from 'preact'
import { Plain } from '../../parts/plain.tsx'
import { duration } from '../../parts/time.tsx'
import { type AuditRecord, type Facts, nameOf, personOf, textOf, typeOf } from './record.ts'

/** Of a command in a line of a list; the story of the call has all of it. */
const MOST_SHOWN = 160

/** A sentence of ours, in which what stands in braces is text of others. */
function say(words: TemplateStringsArray, ...values: readonly unknown[]): ComponentChildren {
  return words.flatMap((word, index) => {
    if (index >= values.length) return [word]
    const value = values[index]
    return [word, isNode(value) ? value : <Said key={index} text={textOf(value)} />]
  })
}

function isNode(value: unknown): value is ComponentChildren {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && 'props' in value)
}

function Said({ text }: { text: string }) {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text || '–'
  return (
    <span class="said">
      <Plain text={shown} />
    </span>
  )
}

/** What happened, in one line. */
export function Sentence({ of }: { of: AuditRecord }) {
  const sentence = SENTENCES[typeOf(of)]
  return <>{sentence ? sentence(of.record, personOf(of)) : other(of)}</>
}

const other = (of: AuditRecord) => {
  const who = personOf(of)
  return who === '' ? say`${typeOf(of)}` : say`${typeOf(of)}: ${who}`
}

/** What was asked, as it goes on behind "asked to". */
export function asked(record: Facts): ComponentChildren {
  const { action, host, command, path, session, command_id, recording, from, to } = record
  switch (action) {
    case 'run':
      return say`run ${command} on ${host}`
    case 'run_on_hosts':
      return say`run ${command} on ${(record.hosts as readonly unknown[] | undefined)?.join(' ')}`
    case 'check_command':
      return say`know what the rules say to ${command} on ${host}`
    case 'read_file':
      return say`read ${path} on ${host}`
    case 'list_directory':
      return say`list ${path} on ${host}`
    case 'write_file':
      return say`write ${path} on ${host}`
    case 'edit_file':
      return say`edit ${path} on ${host}`
    case 'restore_file':
      return say`put ${path} on ${host} back`
    case 'transfer_file':
      return say`transfer ${placeOf(from)} to ${placeOf(to)}`
    case 'describe_host':
      return say`describe ${host}`
    case 'use_terminal':
      return say`use the terminal ${session} on ${host}`
    case 'open_session':
      return say`open a session on ${host}`
    case 'get_command_output':
      return say`read the output of ${command_id}`
    case 'cancel_command':
      return say`cancel ${command_id}`
    case 'answer_approval':
      return say`${record.answer} ${command_id}`
    case 'read_recording_cast':
      return say`read the recording ${recording}`
    case 'search_audit':
      return say`search the audit`
    case 'export_audit':
      return say`read lines of the audit`
    case 'verify_audit':
      return say`verify the audit`
    default:
      return host === undefined
        ? say`do ${textOf(action).replaceAll('_', ' ')}`
        : say`do ${textOf(action).replaceAll('_', ' ')} on ${host}`
  }
}

function placeOf(end: unknown): string {
  if (typeof end !== 'object' || end === null) return textOf(end)
  const { host, path } = end as Facts
  return `${textOf(host)}:${textOf(path)}`
}

export function ending({ result, duration_ms }: Facts): ComponentChildren {
  const { status, exit_status, signal, error } = (result ?? {}) as Facts
  const took = typeof duration_ms === 'number' ? ` after ${duration(duration_ms)}` : ''
  if (typeof exit_status === 'number') return [`ended with exit status ${exit_status}${took}`]
  if (signal !== undefined) return say`was killed by ${signal}${plainWords(took)}`
  const why = error === undefined ? [] : say` (${error})`
  return say`ended: ${plainWords(textOf(status).replaceAll('_', ' '))}${why}${plainWords(took)}`
}

const plainWords = (text: string): ComponentChildren => [text]

const VERDICTS: Readonly<Record<string, string>> = {
  allow: 'allows',
  deny: 'denies',
  approve: 'asks others about',
}

const SENTENCES: Readonly<Record<string, (record: Facts, who: string) => ComponentChildren>> = {
  'call.received': (record, who) => say`${who} asked to ${asked(record)}`,
  'call.decided': (record, who) =>
    say`Rule ${record.rule} ${plainWords(VERDICTS[textOf(record.verdict)] ?? 'decides about')} what ${who} asked: ${asked(record)}`,
  'call.started': (record, who) => say`Began for ${who}: ${asked(record)}`,
  'call.continued': (record, who) => say`Goes on without ${who} waiting: ${asked(record)}`,
  'call.resumed': (record, who) => say`Taken up again after a restart, for ${who}: ${asked(record)}`,
  'call.finished': (record, who) => say`What ${who} asked ${ending(record)}: ${asked(record)}`,
  'approval.requested': (record, who) => say`${who} needs a yes to ${asked(record)}`,
  'approval.answered': (record, who) =>
    say`${nameOf(record.by)} said ${record.verdict} to what ${who} asked: ${asked(record)}`,
  'approval.ended': (record, who) =>
    say`The request of ${who} waits no longer (${record.state}): ${asked(record)}`,
  'grant.added': (record, who) => say`${record.by} lets ${who} go on without a question: ${asked(record)}`,
  'grant.revoked': (record, who) => say`${record.by} took the grant of ${who} back: ${asked(record)}`,
  'transfer.begun': (record, who) =>
    say`A link of ${who} is being used from ${record.remote}: ${record.direction}`,
  'transfer.used': (record, who) => say`A link of ${who} was used from ${record.remote}: ${record.direction}`,
  'taint.marked': (record, who) => say`${who} was shown what others may have written: ${record.why}`,
  'taint.cleared': (record) => say`${record.cleared_by} cleared the taint of ${nameOf(record.of)}`,
  'recording.started': (record, who) => say`A recording began of what ${who} does on ${record.host}`,
  'recording.finished': (record, who) =>
    say`The recording of ${who} on ${record.host} ended: ${record.state}`,
  'recording.read': (record, who) => say`${record.by} was given the recording of ${who} on ${record.host}`,
  'recording.removed': (record, who) => say`The recording of ${who} on ${record.host} is old and was removed`,
  'auth.denied': (record) => say`Somebody at ${record.remote} was not let in: ${record.reason}`,
  'sign_in.succeeded': (record, who) => say`${who} signed in for ${record.client}`,
  'sign_in.refused': (record, who) => say`${who || 'Somebody'} could not sign in: ${record.reason}`,
  'sign_in.throttled': (record) => say`Too many attempts to sign in from ${record.remote}`,
  'console.signed_in': (_record, who) => say`${who} signed in on the console`,
  'client.registered': (record) => say`A client registered itself as ${record.name}`,
  'client.forgotten': (record) => say`${record.by} removed the registration of ${record.client}`,
  'consent.given': (record, who) => say`${who} lets ${record.client} act for them`,
  'consent.denied': (record, who) => say`${who} does not let ${record.client} act for them`,
  'token.issued': (record, who) => say`${record.client} got tokens for ${who}`,
  'token.refreshed': (record, who) => say`${record.client} renewed its tokens for ${who}`,
  'token.reused': (record, who) => say`A ${record.what} of ${who} came twice: its consent has ended`,
  'token.revoked': (record, who) => say`${record.client} gave its tokens for ${who} back`,
  'lock.added': (record) => say`${record.by} locked ${lockedOf(record.on)}: ${record.reason}`,
  'lock.removed': (record) => say`${record.removed_by} lifted the lock on ${lockedOf(record.on)}`,
  'user.added': (record, who) => say`${record.by} added the user ${who}`,
  'user.changed': (record, who) => say`${record.by} changed the user ${who}`,
  'user.reset': (record, who) => say`${record.by} reset how ${who} signs in`,
  'user.disabled': (record, who) => say`${record.by} keeps the user ${who} out`,
  'user.enabled': (record, who) => say`${record.by} lets the user ${who} in again`,
  'user.removed': (record, who) => say`${record.by} removed the user ${who}`,
  'user.set_up': (_record, who) => say`${who} chose a password`,
  'config.reloaded': ({ applied, problems }) =>
    applied === true
      ? 'The configuration was read again'
      : say`The configuration has ${problems} problems; the running one stayed`,
  'bridge.started': ({ version }) => say`The bridge started, version ${version}`,
  'bridge.stopped': ({ version }) => say`The bridge stopped, version ${version}`,
  'instance.lost': ({ instance }) => say`The instance ${instance} was given up`,
  'instance.fenced': ({ instance }) => say`The instance ${instance} had been given up and lives`,
  'audit.opened': ({ log }) => say`The log ${log} begins`,
  'audit.checkpoint': ({ signed }) => say`Everything up to record ${signed} is signed`,
  'audit.key_added': () => 'A further key signs from here on',
  'audit.pruned': ({ signed }) => say`Records up to ${signed} were old and are removed`,
  'audit.resumed': ({ since }) => say`The log can be written again; since ${since} it could not`,
  'key.rotated': () => 'New keys sign tokens from now on',
}

function lockedOf(on: unknown): string {
  const { kind, ...named } = (typeof on === 'object' && on !== null ? on : {}) as Facts
  return `${textOf(kind)} ${Object.values(named).map(textOf).join(' ')}`
}

/** Every type that is told by a sentence of its own; the rest is found by its name. */
export const TYPES: readonly string[] = Object.keys(SENTENCES)
