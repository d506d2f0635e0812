import { isSigned, isStatementType, isWhole, type Statement } from './statement.ts'
import { BadLog } from './verdict.ts'

/** Checkpoints and receipts that were kept elsewhere: what the log must still hold. */
export class Anchors {
  readonly #bySeq = new Map<number, Statement[]>()
  #furthest: Statement | undefined

  /** @throws BadLog for a line that is no statement. */
  constructor(lines: readonly string[]) {
    lines.forEach((text, index) => {
      if (text.trim() === '') return
      const statement = parse(text)
      if (statement === undefined)
        throw new BadLog({
          seq: 0,
          line: index + 1,
          fault: 'bad_anchor',
          why: `line ${index + 1} of the anchors is no signed statement`,
        })
      const seq = Number(statement.signed)
      this.#bySeq.set(seq, [...(this.#bySeq.get(seq) ?? []), statement])
      if (seq > Number(this.#furthest?.signed ?? 0)) this.#furthest = statement
    })
  }

  /** The place of the last record that is known of. */
  get furthest(): Statement | undefined {
    return this.#furthest
  }

  /** Those that say something of this record. */
  at(seq: number): readonly Statement[] {
    return this.#bySeq.size === 0 ? [] : (this.#bySeq.get(seq) ?? [])
  }
}

function parse(text: string): Statement | undefined {
  try {
    // A line of the log itself, as a sink has it, says where it stands; a statement alone does not.
    const { _chain: _place, ...statement }: Statement = JSON.parse(text)
    const knows = statement.type === 'audit.checkpoint' || statement.type === 'receipt'
    return isStatementType(statement.type) && knows && isWhole(statement) && isSigned(statement)
      ? statement
      : undefined
  } catch {
    return undefined
  }
}
