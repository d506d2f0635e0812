import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Anchors } from '../../evidence/anchors.ts'
import { placeOf } from '../../evidence/chain.ts'
import type { VerifyOptions } from '../../evidence/log-verifier.ts'
import { BadLog, type Verdict } from '../../evidence/verdict.ts'
import { linesOfFiles, verifyLines } from '../../evidence/verify-lines.ts'
import { outlive } from '../../lib/clock.ts'
import { printable, printableJson } from '../../lib/printable.ts'
import { type Subcommand, say, UsageError } from '../command.ts'
import { counted, startProgress } from '../progress.ts'
import { withConfig } from '../with-config.ts'
import { collect, keysIn, openAudit, textOf } from './open-audit.ts'

interface Options {
  readonly config?: string
  readonly key?: readonly string[]
  readonly anchors?: string
  readonly log?: string
  readonly live?: boolean
  readonly part?: boolean
  readonly json?: boolean
}

export const verify: Subcommand = (group, exit) => {
  withConfig(group.command('verify'))
    .description('find the first record that is not as it was written')
    .argument(
      '[path]',
      'an export, or a directory of *.jsonl; needs no configuration. Without it: the database',
    )
    .option('--key <file>', 'trusted public keys (PEM); several times', collect)
    .option(
      '--anchors <path>',
      'checkpoints and receipts that were kept elsewhere: a file of JSON lines, or the directory of a sink',
    )
    .option('--log <id>', 'the log that it has to be')
    .option('--live', 'of files: the log is still being written, so its end may not be signed yet')
    .option('--part', 'of files: a piece, which may begin anywhere')
    .option('--json', 'print JSON')
    .action(async (path: string | undefined, options: Options) => {
      const verdict = await verdictOf(path, options)
      if (options.json === true) say(printableJson(wire(verdict)))
      else for (const line of linesOf(verdict)) say(printable(line))
      exit(verdict.bad === undefined ? 0 : 1)
    })
}

async function verdictOf(path: string | undefined, options: Options): Promise<Verdict> {
  try {
    const given = {
      ...(options.log !== undefined && { log: options.log }),
      ...(options.anchors !== undefined && { anchors: new Anchors(anchorLines(options.anchors)) }),
    }
    const keys = keysIn(options.key ?? [])
    if (path === undefined) return await inDatabase(options, { ...given, keys })
    if (keys.length === 0)
      throw new UsageError(
        'of files the trusted keys have to be named: --key FILE, as `audit public-key` prints them',
      )
    const shape = { isLive: options.live === true, isPart: options.part === true }
    const files = filesOf(path)
    const progress = startProgress({ label: 'Verifying', unit: 'MiB', isQuiet: options.json })
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
    const lines = counted(linesOfFiles(files), progress, bytesOf, bytes)
    return await outlive(verifyLines(lines, { ...given, ...shape, keys }))
  } catch (cause) {
    if (cause instanceof BadLog) return { ...NOTHING, bad: cause.bad }
    throw cause
  }
}

/** With the newline behind each line. */
function bytesOf(lines: readonly { readonly line: Buffer }[]): number {
  return lines.reduce((sum, { line }) => sum + line.length + 1, 0)
}

function anchorLines(path: string): string[] {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return (isDirectory ? filesOf(path) : [path]).flatMap((file) => textOf(file).split('\n'))
}

const NOTHING = { records: 0, first: 0, last: 0, signedTo: 0, unsigned: 0, checkpoints: 0 }

async function inDatabase(options: Options, given: VerifyOptions): Promise<Verdict> {
  const audit = await openAudit(options)
  try {
    const keys = given.keys.length > 0 ? given.keys : audit.ownKeys
    if (keys.length === 0) throw new UsageError('there is no public key here: name one with --key FILE')
    const progress = startProgress({ label: 'Verifying the audit', unit: 'records', isQuiet: options.json })
    const total = await audit.count({})
    const watched = <T>(pages: AsyncIterable<readonly T[]>) =>
      counted(pages, progress, (page) => page.length, total)
    return await audit.verify({ ...given, keys, isLive: true }, watched)
  } finally {
    await audit.close()
  }
}

/** Of a directory every `*.jsonl`, in the order of their first records. */
function filesOf(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new UsageError(`there is no ${path}`)
  if (!stat.isDirectory()) return [path]
  const files = readdirSync(path)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).size > 0)
  if (files.length === 0) throw new UsageError(`there is no *.jsonl in ${path}`)
  // What does not begin as a record does stays where its name puts it, and is found.
  return files.toSorted((one, other) => firstSeq(one) - firstSeq(other))
}

function firstSeq(path: string): number {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(200)
    const count = readSync(file, bytes)
    return placeOf(Buffer.concat([bytes.subarray(0, count), Buffer.from('}')]))?.seq ?? 0
  } finally {
    closeSync(file)
  }
}

function linesOf({ bad, ...verdict }: Verdict): string[] {
  const { log, records, first, last, signedTo, signedAt, unsigned, checkpoints } = verdict
  const signed =
    signedTo === 0
      ? 'nothing is signed'
      : `signed up to record ${signedTo} (${signedAt ?? ''}, ${checkpoints} signatures); ${unsigned} after it not yet`
  if (bad === undefined)
    return [`good: log ${log ?? '?'}, records ${first} to ${last} (${records}); ${signed}`]
  return [`BAD: record ${bad.seq}, line ${bad.line}: ${bad.fault}: ${bad.why}`, `before it: ${signed}`]
}

function wire({ bad, ...verdict }: Verdict) {
  const { log, records, first, last, signedTo, signedAt, unsigned, checkpoints } = verdict
  return {
    good: bad === undefined,
    ...(bad && { bad: { seq: bad.seq, line: bad.line, fault: bad.fault, why: bad.why } }),
    ...{ log, records, first, last, signed_to: signedTo, signed_at: signedAt, unsigned, checkpoints },
  }
}
