import { printable } from '../lib/printable.ts'
import type { WireTaint, WireTaintCleared } from '../pipeline/wire-taint.ts'
import type { CliCommand } from './command.ts'
import { askBridge, type BridgeOptions, tellAnswer, withBridge } from './rest-client.ts'

export const taints: CliCommand = {
  register(program, exit) {
    const group = program
      .command('taints')
      .description('callers that were shown what others may have written')
    withBridge(group.command('list'))
      .description('who, by what, and until when')
      .action(async (options: BridgeOptions) => {
        const found = await askBridge<{ taints: WireTaint[] }>(options, 'GET', '/api/v1/taints')
        tellAnswer(options, found, ({ taints: all }) =>
          all.length === 0 ? ['Nobody is tainted.'] : all.flatMap(taintLines),
        )
        exit(0)
      })
    withBridge(group.command('clear'))
      .description('clear one, once you have seen what was read and what came of it')
      .argument('<taint_id>')
      .option('--reason <text>', 'for the audit')
      .action(async (id: string, { reason, ...options }: BridgeOptions & { readonly reason?: string }) => {
        const asked = { taint_id: id, reason }
        const cleared = await askBridge<WireTaintCleared>(options, 'POST', '/api/v1/taints/clear', asked)
        tellAnswer(options, cleared, (one) => [`${printable(one.taint_id)} is cleared.`])
        exit(0)
      })
  },
}

function taintLines({ taint_id, who, client, marks, expires_at }: WireTaint): string[] {
  const by = client === undefined ? '' : ` through ${client}`
  return [
    [taint_id, `${who}${by}`, `until ${expires_at}`].map(printable).join('\t'),
    ...marks.map(({ at, why, call }) => printable(`  ${at}  ${why}  (${call})`)),
  ]
}
