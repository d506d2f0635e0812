import type { ActionClass } from '../../domain/decision.ts'
import type { CommandPart, Understanding, Word } from '../understanding.ts'
import type { Ruling } from './rule-on.ts'

const MOST_CHARACTERS = 200

/** A line for each program, for people: its class, its words, and why it is not more harmless than that. */
export function understoodLines(understanding: Understanding): string[] {
  if (understanding.kind === 'opaque') return [`not understood: ${understanding.why}`]
  return understanding.parts.map(
    (part) => `${part.class}: ${wordsOf(part)}${part.why === undefined ? '' : ` (${part.why})`}`,
  )
}

/** Why a part of the call is denied, for whoever made it: what was not allowed, what was not understood, and no word of other rules. */
export function whyDenied({ demand, ...ruled }: Ruling): string {
  const { host, about } = demand
  const why = [WHAT[demand.class], notUnderstood(demand.about), 'why' in ruled ? ruled.why : undefined]
  const details = why.filter((one) => one !== undefined).join('; ')
  const reason = 'rule' in ruled && ruled.rule?.reason !== undefined ? ` ${sentence(ruled.rule.reason)}` : ''
  return `The rules do not allow you ${subjectOf(about, demand.class)} on ${host.name} (${details}).${reason}`
}

const WHAT: Readonly<Record<ActionClass, string>> = {
  read: 'class read',
  run: 'class run',
  write: 'class write',
  sudo: 'class sudo: the rights of another user',
  session: 'class session',
  terminal: 'class terminal',
  transfer: 'class transfer',
}

function subjectOf(about: Ruling['demand']['about'], needed: ActionClass): string {
  switch (about.kind) {
    case 'program':
      return `to run ${wordsOf(about.part)}`
    case 'anything':
      return needed === 'terminal' ? 'a terminal' : 'this command'
    case 'place':
      return `to ${about.use} ${cut(about.place.path)}`
    case 'nothing':
      return needed === 'session' ? 'sessions' : 'to ask for the facts'
  }
}

function notUnderstood(about: Ruling['demand']['about']): string | undefined {
  if (about.kind === 'anything') return about.why === undefined ? undefined : `not understood: ${about.why}`
  return about.kind === 'program' ? about.part.why : undefined
}

export function wordsOf({ argv }: Pick<CommandPart, 'argv'>): string {
  return cut(argv.map(wordText).join(' '))
}

function wordText(word: Word): string {
  switch (word.kind) {
    case 'text':
      return /^[\w@%+=:,./~-]+$/.test(word.text) ? word.text : `'${word.text.replaceAll("'", `'\\''`)}'`
    case 'glob':
      return word.pattern
    case 'unknown':
      return word.source
  }
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
