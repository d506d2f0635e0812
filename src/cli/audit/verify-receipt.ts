import { createHash } from 'node:crypto'
import { isSigned, isWhole, type Statement } from '../../evidence/statement.ts'
import { printable } from '../../lib/printable.ts'
import { type Subcommand, say, UsageError } from '../command.ts'
import { collect, keysIn, textOf } from './open-audit.ts'

type Facts = Readonly<Record<string, unknown>>

export const verifyReceipt: Subcommand = (group, exit) => {
  group
    .command('verify-receipt')
    .description('whether a receipt is what the bridge has signed; needs neither the bridge nor the log')
    .argument(
      '<file>',
      'JSON: the receipt, or the whole result that holds it, of which the output is compared too',
    )
    .option('--key <file>', 'trusted public keys (PEM); several times', collect)
    .action((path: string, { key }: { readonly key?: readonly string[] }) => {
      if (key === undefined)
        throw new UsageError(
          'the trusted keys have to be named: --key FILE, as `audit public-key` prints them',
        )
      const given = parse(path)
      const isResult = typeof given.receipt === 'object' && given.receipt !== null
      const receipt = (isResult ? given.receipt : given) as Statement
      const fault = faultOf(receipt, keysIn(key), isResult ? given : undefined)
      const { call, signed, log, at } = receipt
      say(
        printable(
          fault === undefined
            ? `good: ${call} ended with record ${signed} of ${log}, signed ${at}`
            : `BAD: ${fault}`,
        ),
      )
      exit(fault === undefined ? 0 : 1)
    })
}

function parse(path: string): Facts {
  try {
    const value: unknown = JSON.parse(textOf(path))
    if (typeof value === 'object' && value !== null) return value as Facts
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
  }
  throw new UsageError(`${path} is no JSON object`)
}

/** Undefined for a good one. */
function faultOf(receipt: Statement, keys: readonly string[], result: Facts | undefined): string | undefined {
  if (receipt.type !== 'receipt' || !isWhole(receipt)) return 'it is no receipt'
  // guard: receipt-key
  if (!keys.includes(String(receipt.key))) return 'it is signed by a key that is not trusted'
  // guard: receipt-signature
  if (!isSigned(receipt)) return 'its signature is wrong: something in it was changed'
  // guard: receipt-output
  for (const stream of ['stdout', 'stderr'])
    if (result !== undefined && sha256(result[stream]) !== receipt[`${stream}_sha256`])
      return `${stream} is not what was answered`
  return undefined
}

function sha256(text: unknown): string {
  return createHash('sha256').update(String(text)).digest('hex')
}
