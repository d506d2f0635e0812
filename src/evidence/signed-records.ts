import { isUtf8 } from 'node:buffer'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { Anchors } from './anchors.ts'
import { chained, placeOf } from './chain.ts'
import { isSigned, isStatementType, isWhole, type Statement } from './statement.ts'
import { BadLog, type Fault } from './verdict.ts'

/** How far back a checkpoint may sign: more records than are ever under way at once. One that signs further back proves nothing. */
const REMEMBERED = 65_536
/** No other character is in a signed record, and none is escaped. */
const PLAIN = /^[ -[\]-~]*$/
const MARK = Buffer.from('"type":"audit.')

/** Whose signatures count, and what they signed before. */
export interface Trust {
  /** The public keys whose signatures count; those that they add are trusted from there on. */
  readonly keys: readonly string[]
  readonly anchors?: Anchors
  /** The log that it has to be. */
  readonly log?: string
}

/** The records that are signed, and what is known by them. */
export class SignedRecords {
  readonly #trusted: Set<string>
  readonly #anchors: Trust['anchors']
  readonly #hashes: string[] = []
  readonly #cuts: { readonly upTo: number; readonly hash: string }[] = []
  log: string | undefined
  signedTo = 0
  signedAt: string | undefined
  checkpoints = 0

  constructor({ keys, log, anchors }: Trust) {
    this.#trusted = new Set(keys)
    this.#anchors = anchors
    this.log = log
  }

  /** @throws BadLog */
  note(line: Buffer, seq: number, hash: string): void {
    this.#hashes[seq % REMEMBERED] = hash
    for (const anchor of this.#anchors?.at(seq) ?? []) {
      this.checkAnchor(anchor)
      if (anchor.hash !== hash)
        throw bad(seq, 'anchor_differs', `record ${seq} is not the one that was signed once`)
    }
    if (!line.includes(MARK)) return
    // Other bytes would be read as they never stood there.
    const text = isUtf8(line) ? line.toString() : ''
    const { _chain: _, ...record }: Record<string, unknown> = parse(text, seq)
    if (!isStatementType(record.type) || record.type === 'receipt') return
    const statement = record as Statement
    if (statement.type === 'audit.key_added' && !('signature' in record)) return
    // Nothing in it that the signature does not cover, not even a space.
    const place = placeOf(line)
    const isExact =
      place && PLAIN.test(text) && isWhole(statement) && text === chained(canonicalJson(record), place)
    if (!isExact) throw bad(seq, 'changed', `record ${seq} is no ${statement.type} as the bridge writes them`)
    this.#trust(statement, seq)
    this.#learn(statement, seq)
  }

  /** @throws BadLog for an anchor of another log, or that nobody who is trusted has signed. Its signature was looked at before. */
  checkAnchor(anchor: Statement | undefined): void {
    if (anchor === undefined) return
    const seq = Number(anchor.signed)
    this.log ??= String(anchor.log)
    if (anchor.log !== this.log)
      throw bad(seq, 'another_log', `an anchor is of the log ${anchor.log}, and this is ${this.log}`)
    if (!this.#trusted.has(String(anchor.key)))
      throw bad(seq, 'untrusted_key', `an anchor of record ${seq} is signed by a key that is not trusted`)
  }

  /** A signed record says that what stood up to this one may be gone. */
  mayBeginAfter(seq: number, hash: string): boolean {
    return this.#cuts.some((cut) => seq < cut.upTo || (seq === cut.upTo && hash === cut.hash))
  }

  #trust(statement: Statement, seq: number): void {
    const { log, key, type } = statement
    this.log ??= String(log)
    // guard: audit-one-log
    if (log !== this.log)
      throw bad(seq, 'another_log', `record ${seq} is of the log ${log}, and this is ${this.log}`)
    // guard: audit-trusted-key
    if (!this.#trusted.has(String(key)))
      throw bad(seq, 'untrusted_key', `record ${seq} is signed by a key that is not trusted: ${key}`)
    // guard: audit-signature
    if (!isSigned(statement))
      throw bad(seq, 'bad_signature', `the signature of record ${seq} (${type}) is wrong`)
  }

  #learn({ type, signed, hash, added, at }: Statement, seq: number): void {
    if (type === 'audit.key_added') this.#trusted.add(String(added))
    if (type === 'audit.pruned') this.#cuts.push({ upTo: Number(signed), hash: String(hash) })
    if (type !== 'audit.checkpoint') return
    this.checkpoints += 1
    const upTo = Number(signed)
    if (upTo >= seq) throw bad(seq, 'made_anew', `record ${seq} signs what comes after it`)
    if (seq - upTo >= REMEMBERED || this.#hashes[upTo % REMEMBERED] === undefined) return
    // guard: audit-made-anew
    if (this.#hashes[upTo % REMEMBERED] !== hash)
      throw new BadLog(
        {
          seq,
          line: 0,
          fault: 'made_anew',
          why: `record ${seq} signs another record ${upTo}: between ${this.signedTo + 1} and ${upTo} something was changed, and the chain made anew`,
        },
        upTo,
      )
    this.signedAt = String(at)
    this.signedTo = Math.max(this.signedTo, upTo)
  }
}

function parse(text: string, seq: number): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    throw bad(seq, 'not_a_record', 'the line is no record')
  }
}

function bad(seq: number, fault: Fault, why: string): BadLog {
  return new BadLog({ seq, line: 0, fault, why })
}
