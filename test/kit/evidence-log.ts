import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Anchors } from '../../src/evidence/anchors.ts'
import { chained, digestOf, GENESIS } from '../../src/evidence/chain.ts'
import { newSigningKeyPem, parseSigningKey, type SigningKey } from '../../src/evidence/keys.ts'
import { signStatement } from '../../src/evidence/statement.ts'
import type { Verdict } from '../../src/evidence/verdict.ts'
import { linesOf, verifyLines } from '../../src/evidence/verify-lines.ts'
import { canonicalJson } from '../../src/lib/canonical-json.ts'

export function makeKey(): SigningKey {
  const key = parseSigningKey(newSigningKeyPem())
  if (key === undefined) throw new Error('no key')
  return key
}

const at = (seq: number) => new Date(Date.UTC(2026, 0, 2) + seq * 1_000).toISOString()

/** A log as a bridge writes it, made line by line; `rechain` is what one does who has no key. */
export class MadeLog {
  readonly lines: string[] = []
  readonly name: string
  key: SigningKey

  constructor(name: string, key: SigningKey) {
    this.name = name
    this.key = key
    this.add('audit.opened', signStatement('audit.opened', { log: name, at: at(1) }, key))
    this.sign()
  }

  get last(): number {
    return this.lines.length
  }

  add(type: string, facts: Readonly<Record<string, unknown>> = {}): this {
    const seq = this.last + 1
    const prev = this.lines.length === 0 ? GENESIS : digestOf(this.lines.at(-1) ?? '')
    this.lines.push(chained(canonicalJson({ at: at(seq), type, ...facts }), { prev, seq }))
    return this
  }

  calls(count: number): this {
    for (let left = count; left > 0; left -= 1)
      this.add('call.finished', { call: `call_${this.last}`, command: `echo ${this.last} ☃`, host: 'web-1' })
    return this
  }

  /** `back`: so many records before the end, as when another instance was faster. */
  sign(back = 0): this {
    const signed = this.last - back
    const hash = digestOf(this.lines[signed - 1] ?? '')
    const facts = { log: this.name, signed, hash, at: at(this.last + 1) }
    return this.add('audit.checkpoint', signStatement('audit.checkpoint', facts, this.key))
  }

  rotate(key: SigningKey): this {
    const facts = { log: this.name, added: key.publicKey, at: at(this.last + 1) }
    this.add('audit.key_added', signStatement('audit.key_added', facts, this.key))
    this.key = key
    return this
  }

  prune(upTo: number): this {
    const facts = {
      log: this.name,
      signed: upTo,
      hash: digestOf(this.lines[upTo - 1] ?? ''),
      at: at(this.last + 1),
    }
    return this.add('audit.pruned', signStatement('audit.pruned', facts, this.key))
  }
}

/** The lines with their places made anew from `from` on, so that every link holds. */
export function rechain(lines: readonly string[], from = 1): string[] {
  const made: string[] = []
  lines.forEach((line, index) => {
    const body = line.replace(/^\{"_chain":\{[^}]*\},/, '{')
    const prev = index === 0 ? GENESIS : digestOf(made[index - 1] ?? '')
    made.push(index + 1 < from ? line : chained(body, { prev, seq: index + 1 }))
  })
  return made
}

export interface Told {
  readonly seq?: number
  readonly line?: number
  readonly fault: string
}

export interface VerifyHow {
  readonly keys: readonly string[]
  readonly live?: boolean
  readonly part?: boolean
  readonly anchors?: readonly string[]
  readonly log?: string
}

/** What the bridge's own verifier says of a text. */
export async function verdictOf(text: string | Buffer, how: VerifyHow): Promise<Verdict> {
  return verifyLines(linesOf(Readable.from([Buffer.from(text)])), {
    keys: how.keys,
    isLive: how.live === true,
    isPart: how.part === true,
    ...(how.anchors && { anchors: new Anchors(how.anchors) }),
    ...(how.log !== undefined && { log: how.log }),
  })
}

export function toldBy({ bad }: Verdict): Told {
  return bad ? { seq: bad.seq, line: bad.line, fault: bad.fault } : { fault: 'good' }
}

/** Runs the independent verifier on each list of arguments, in one process: starting one for each is what takes time. */
const DRIVER = `
import contextlib, io, json, sys
sys.path.insert(0, 'tools')
import verify_audit
answers = []
for argv in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            verify_audit.main(argv)
            code = 0
        except SystemExit as end:
            code = end.code
    answers.append([code, out.getvalue()])
print(json.dumps(answers))
`

/** What the independent verifier says of each text. */
export function toldByPython(
  cases: readonly (readonly [text: string | Buffer, how: VerifyHow])[],
  directory: string,
): Told[] {
  const file = (name: string, content: string | Buffer) => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  }
  const argvs = cases.map(([text, how], index) => [
    ...(how.live === true ? ['--live'] : []),
    ...(how.part === true ? ['--part'] : []),
    ...(how.log === undefined ? [] : ['--log', how.log]),
    ...(how.anchors ? ['--anchors', file(`anchors-${index}.jsonl`, how.anchors.join('\n'))] : []),
    '--key',
    file(`keys-${index}.txt`, how.keys.join('\n')),
    file(`log-${index}.jsonl`, text),
  ])
  const answers = execFileSync('python3', ['-c', DRIVER], {
    input: JSON.stringify(argvs),
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  })
  return (JSON.parse(answers) as [number, string][]).map(([code, told]) => {
    const [, seq, line, fault] = /^BAD: record (\d+), line (\d+): (\w+)$/m.exec(told) ?? []
    if (code === 0 && told.startsWith('good: ')) return { fault: 'good' }
    if (code !== 1 || fault === undefined) throw new Error(`the verifier ended with ${code}: ${told}`)
    return { seq: Number(seq), line: Number(line), fault }
  })
}
