import { digestOf, GENESIS, placeOf } from './chain.ts'
import { SignedRecords, type Trust } from './signed-records.ts'
import { type Bad, BadLog, type Fault, type Verdict } from './verdict.ts'

export interface VerifyOptions extends Trust {
  /** The log is still being written: its end need not be signed yet. */
  readonly isLive?: boolean
  /** A piece out of the middle: it may begin anywhere. */
  readonly isPart?: boolean
}

/** Of a log that is still written, more than what can wait for a signature when one is made each 10,000 records. */
const MOST_UNSIGNED = 20_000

/** Reads a log line by line and ends at the first record that is not as it was written. Holds the digests of the last 65,536 records. */
export class LogVerifier {
  readonly #options: VerifyOptions
  readonly #signed: SignedRecords
  #records = 0
  #first = 0
  #last = { seq: 0, hash: GENESIS }
  /** Two records of which one was changed: what comes next tells which. */
  #suspect: Bad | undefined

  constructor(options: VerifyOptions) {
    this.#options = options
    this.#signed = new SignedRecords(options)
  }

  /**
   * The next line, without its newline, and its digest. `stored`: the digest as a database keeps it beside the line.
   *
   * @throws BadLog
   */
  next(line: Buffer, stored?: string): void {
    this.#records += 1
    const place = placeOf(line)
    if (place === undefined) throw this.#bad(this.#last.seq + 1, 'not_a_record', 'the line is no record')
    const { seq } = place
    this.#follows(seq, place.prev)
    const hash = digestOf(line)
    // guard: audit-chain-link
    if (place.prev !== this.#last.hash && this.#records > 1) this.#linkBroken(seq)
    this.#last = { seq, hash }
    try {
      this.#signed.note(line, seq, hash)
    } catch (cause) {
      throw this.#located(cause)
    }
    if (this.#suspect !== undefined) this.#judge(this.#suspect)
    if (stored !== undefined && stored !== hash)
      throw this.#bad(seq, 'changed', `record ${seq} is not what its digest in the database says`)
  }

  /** @throws BadLog */
  end(): Verdict {
    if (this.#suspect !== undefined) throw new BadLog(this.#suspect)
    const { seq } = this.#last
    const { isLive, isPart, anchors } = this.#options
    const { signedTo } = this.#signed
    const after = this.#records + 1
    const bad = (fault: Fault, why: string, at = seq + 1) => new BadLog({ seq: at, line: after, fault, why })
    // guard: audit-cut-back
    const furthest = Number(anchors?.furthest?.signed ?? 0)
    if (furthest > seq) {
      this.#signed.checkAnchor(anchors?.furthest)
      throw bad('cut_back', `the log ends with record ${seq}, and record ${furthest} was signed once`)
    }
    // guard: audit-beginning
    if (this.#first > 1 && isPart !== true && !this.#signed.mayBeginAfter(this.#first - 1, this.#firstPrev))
      throw new BadLog({
        seq: 1,
        line: 1,
        fault: 'beginning_missing',
        why: `the log begins with record ${this.#first}, and no signed record says that those before it may be gone`,
      })
    // guard: audit-end-is-signed
    if (isLive !== true && signedTo !== seq - 1)
      throw bad(
        'truncated',
        `record ${seq} is the last one, and it is no checkpoint of the one before it: what followed is missing`,
      )
    if (signedTo === 0) throw bad('unsigned', 'nothing is signed', this.#first)
    if (seq - signedTo > MOST_UNSIGNED)
      throw bad('unsigned', `${seq - signedTo} records after record ${signedTo} are not signed`, signedTo + 1)
    return this.soFar()
  }

  /** What was read, up to where it was as it should be. */
  soFar(): Verdict {
    const { log, signedTo, signedAt, checkpoints } = this.#signed
    return {
      ...(log !== undefined && { log }),
      records: this.#records,
      first: this.#first,
      last: this.#last.seq,
      signedTo,
      unsigned: this.#last.seq - signedTo,
      ...(signedAt !== undefined && { signedAt }),
      checkpoints,
    }
  }

  #firstPrev = GENESIS

  #follows(seq: number, prev: string): void {
    if (this.#records === 1) {
      this.#first = seq
      this.#firstPrev = prev
      if (seq === 1 && prev !== GENESIS) throw this.#bad(1, 'changed', 'record 1 does not begin a log')
      return
    }
    const expected = this.#last.seq + 1
    // guard: audit-order
    if (seq === expected) return
    if (this.#suspect !== undefined) throw new BadLog(this.#suspect)
    if (seq > expected)
      throw this.#bad(
        expected,
        'missing',
        `record ${expected} is missing here: record ${seq} stands in its place`,
      )
    throw this.#bad(expected, 'twice', `record ${seq} stands here again, where record ${expected} belongs`)
  }

  #linkBroken(seq: number): void {
    const before = this.#suspect
    if (before === undefined) {
      const why = (at: number) => `record ${at} was changed: it is not what the chain says`
      this.#suspect = { seq: seq - 1, line: this.#records - 1, fault: 'changed', why: why(seq - 1) }
    } else if (before.seq + 2 === seq) throw new BadLog(after(before))
    else throw new BadLog(before)
  }

  /** A signature beyond the break has the right digests: all that it covers is as it was. */
  #judge(suspect: Bad): void {
    const { signedTo } = this.#signed
    if (signedTo > suspect.seq) throw new BadLog(suspect)
    if (signedTo === suspect.seq) throw new BadLog(after(suspect))
  }

  #bad(seq: number, fault: Fault, why: string): BadLog {
    return new BadLog(this.#suspect ?? { seq, line: this.#records, fault, why })
  }

  #located(cause: unknown): unknown {
    const suspect = this.#suspect
    if (!(cause instanceof BadLog)) return cause
    if (suspect === undefined) return new BadLog({ ...cause.bad, line: this.#records })
    // It signs another record than the one before the break; or all beyond the break is from elsewhere.
    return new BadLog(cause.signs === suspect.seq ? suspect : after(suspect))
  }
}

function after({ seq, line, fault }: Bad): Bad {
  const next = seq + 1
  return {
    seq: next,
    line: line + 1,
    fault,
    why: `record ${next} was changed: it is not what the chain says`,
  }
}
