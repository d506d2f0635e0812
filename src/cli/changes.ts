import { printable } from '../lib/printable.ts'
import type { WireChanges } from '../pipeline/wire-changes.ts'
import type { WireChange } from '../pipeline/wire-file.ts'
import type { CliCommand } from './command.ts'
import { askBridge, type BridgeOptions, tellAnswer, withBridge } from './rest-client.ts'

export const changes: CliCommand = {
  register(program, exit) {
    const group = program.command('changes').description('your file changes that can be undone')
    withBridge(group.command('list'))
      .description('your changes, latest first: when, by what, where, and whether it was undone')
      .option('--limit <count>', 'the most that are listed', '100')
      .action(async (options: BridgeOptions & { limit: string }) => {
        const { limit } = options
        const result = await askBridge<WireChanges>(options, 'GET', '/api/v1/changes', { limit })
        tellAnswer(options, result, listLines)
        exit(0)
      })
    withBridge(group.command('undo'))
      .description('put back what a change replaced, unless the file has changed since')
      .argument('<change_id>')
      .option('--dry-run', 'only show the difference')
      .action(async (id: string, options: BridgeOptions & { dryRun?: true }) => {
        const asked = { change_id: id, dry_run: options.dryRun }
        const result = await askBridge<WireChange>(options, 'POST', '/api/v1/changes/undo', asked)
        tellAnswer(options, result, undoLines)
        exit(0)
      })
  },
}

function listLines({ changes: listed, total }: WireChanges): string[] {
  if (listed.length === 0) return ['There are no changes of yours that can be undone.']
  const lines = listed.map(({ change_id, host, path, change, made_by, at, undone_by }) => {
    const undone = undone_by === undefined ? '-' : `undone by ${undone_by}`
    return [change_id, at, made_by, change, host, printable(path), undone].join('\t')
  })
  return listed.length < total ? [...lines, `${total - listed.length} more: --limit ${total}`] : lines
}

function undoLines({ host, path, change, dry_run, change_id, note, diff = '' }: WireChange): string[] {
  const did = dry_run ? `would be ${change}; nothing was changed` : change
  const undo = change_id === undefined ? '' : ` (to undo that: ${change_id})`
  return [
    `${host}: ${printable(path)} ${did}${undo}`,
    ...(note === undefined ? [] : [printable(note)]),
    ...diff.trimEnd().split('\n').filter(isText).map(printable),
  ]
}

function isText(line: string): boolean {
  return line !== ''
}
