import type { Command } from 'commander'
import { printable } from '../lib/printable.ts'
import type { WireApproval, WireGrant } from '../pipeline/wire-approval.ts'
import { askYes, type CliCommand, complain, say, UsageError } from './command.ts'
import { durationMs } from './duration.ts'
import { askBridge, type BridgeOptions, tellAnswer, withBridge } from './rest-client.ts'

interface AnswerOptions extends BridgeOptions {
  readonly reason?: string
  readonly digest?: string
  readonly yes?: boolean
  readonly grant?: string
}

export const approvals: CliCommand = {
  register(program, exit) {
    const group = program.command('approvals').description('requests of others that wait for your answer')
    withBridge(group.command('list'))
      .description('what waits, with all that is asked')
      .option('--all', 'those that are over too')
      .action(async (options: BridgeOptions & { readonly all?: boolean }) => {
        const asked = options.all === true ? { all: true } : {}
        const found = await askBridge<{ approvals: WireApproval[] }>(
          options,
          'GET',
          '/api/v1/approvals',
          asked,
        )
        tellAnswer(options, found, ({ approvals: all }) =>
          all.length === 0 ? ['Nothing waits for you.'] : all.flatMap((one) => [...requestLines(one), '']),
        )
        exit(0)
      })
    answering(group.command('approve'))
      .description('show a request and, once you have read it, approve it; it then runs by itself, once')
      .option('--grant <time>', 'let the same go on without a question for so long, such as 2h')
      .action(async (id: string, options: AnswerOptions) => exit(await answer(id, 'approve', options)))
    answering(group.command('deny'))
      .description('deny a request')
      .action(async (id: string, options: AnswerOptions) => exit(await answer(id, 'deny', options)))

    const grants = program.command('grants').description('approvals that hold for a while')
    withBridge(grants.command('list'))
      .description('your own, and those you may revoke')
      .action(async (options: BridgeOptions) => {
        const found = await askBridge<{ grants: WireGrant[] }>(options, 'GET', '/api/v1/grants')
        tellAnswer(options, found, ({ grants: all }) =>
          all.length === 0 ? ['There are no grants.'] : all.map(grantLine),
        )
        exit(0)
      })
    withBridge(grants.command('revoke'))
      .description('end a grant')
      .argument('<grant_id>')
      .action(async (id: string, options: BridgeOptions) => {
        const asked = { grant_id: id }
        tellAnswer(options, await askBridge(options, 'POST', '/api/v1/grants/revoke', asked), () => [
          `${printable(id)} is revoked.`,
        ])
        exit(0)
      })
  },
}

function answering(command: Command): Command {
  return withBridge(command)
    .argument('<command_id>')
    .option('--reason <text>', 'for the requester and the audit')
    .option('--digest <sha256>', 'answer only if the request has this digest, without asking')
    .option('--yes', 'answer what the bridge shows now without asking')
}

async function answer(id: string, verdict: 'approve' | 'deny', options: AnswerOptions) {
  const grantMs = options.grant === undefined ? undefined : durationMs('--grant', options.grant)
  const digest = options.digest ?? (await shownDigest(id, options))
  if (digest === undefined) {
    complain('Nothing was answered.')
    return 1
  }
  const asked = {
    command_id: id,
    verdict,
    digest,
    reason: options.reason,
    grant_seconds: grantMs === undefined ? undefined : grantMs / 1_000,
  }
  const answered = await askBridge<WireApproval>(options, 'POST', '/api/v1/approvals/answer', asked)
  tellAnswer(options, answered, (one) => [`${one.command_id} is ${one.state}${missing(one)}.`])
  return 0
}

/** Shows the request and takes a yes for it; undefined when there was none. */
async function shownDigest(id: string, options: AnswerOptions): Promise<string | undefined> {
  const { approvals: waiting } = await askBridge<{ approvals: WireApproval[] }>(
    options,
    'GET',
    '/api/v1/approvals',
    { all: true },
  )
  const request = waiting.find(({ command_id }) => command_id === id)
  if (request === undefined) throw new UsageError(`there is no request ${printable(id)} that you may see`)
  if (options.json !== true) for (const line of requestLines(request)) say(line)
  if (options.yes === true) return request.digest
  const isMeant = await askYes('Answer exactly this')
  if (isMeant === undefined)
    complain('Read it, then answer with --digest SHA256, or --yes for what is shown now.')
  return isMeant === true ? request.digest : undefined
}

function requestLines(one: WireApproval): string[] {
  const client = one.client === undefined ? '' : ` through ${one.client}`
  const answered = one.answers.map(({ verdict, as, by, at }) => `${verdict} by ${by} (${as}) ${at}`)
  const lines: readonly (readonly [name: string, text: string | undefined])[] = [
    [one.command_id, one.why === undefined ? one.state : `${one.state}: ${one.why}`],
    ['who', `${one.requester}${client} (${one.edge})`],
    ['host', one.host],
    ['asks', one.text],
    ...one.understood.map((line) => ['means', line] as const),
    ['class', one.classes.join(' ') || undefined],
    ['why', one.reason],
    ['rule', `${one.rule}${one.policy === undefined ? '' : ` (rules ${one.policy})`}, needs ${one.needed}`],
    ...answered.map((line) => ['answer', line] as const),
    ['until', one.expires_at],
    ['digest', one.digest],
  ]
  return lines.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(8)} ${printable(text)}`]))
}

function missing({ state, needed, answers }: WireApproval): string {
  return state === 'waiting' ? `, ${needed - answers.length} more to approve` : ''
}

function grantLine({ grant_id, requester, host = '-', text, rule, by, expires_at }: WireGrant): string {
  return [grant_id, requester, host, text, rule, `by ${by}`, `until ${expires_at}`].map(printable).join('\t')
}
