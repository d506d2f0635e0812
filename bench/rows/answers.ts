import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { hostYaml } from '../../test/kit/product.ts'
import { openContender } from '../contenders/contender.ts'
import { configure, OURS, startLine } from '../contenders/ours.ts'
import { defineRow, type Way } from '../row.ts'

const HOSTS = 50
const SMALL = 'uptime'
const LARGE = 'seq 1 200000'
const SAME = 'echo "PRETTY_NAME=Debian GNU/Linux 12 (bookworm)"; echo active'

type Result = Record<string, unknown>

/** What a program that knows nothing better would hand over: everything it has, as JSON. */
function plainly(host: string, command: string, stdout: string): string {
  return JSON.stringify({ host, command, stdout, stderr: '', exit_code: 0 })
}

export const answers = defineRow({
  name: 'answers',
  title: 'What typical answers cost a conversation',
  about:
    'In tokens of OpenAI’s o200k: the text that a model reads, the structured result beside it, which many clients keep from the model, and the same as plain JSON of all that was printed.',
  targets: {
    small: { what: 'text of a short command, to plain JSON', most: 1.5, unit: '×' },
    same: { what: 'text of 50 hosts that say the same, to plain JSON of each', most: 0.2, unit: '×' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const home = await stage.home()
    const name = (index: number) => `web-${index + 1}`
    const entries = Array.from({ length: HOSTS }, (_, index) =>
      hostYaml(name(index), sshd, { description: 'Web server behind the balancer', tags: '[prod, web]' }),
    )
    configure(home, entries.join(''))
    const { client } = await openContender(stage, {
      name: OURS,
      kind: 'ours',
      command: startLine(home),
      env: {},
    })
    const host = name(0)
    const ask = (tool: string, args: Result) => client.request('tools/call', { name: tool, arguments: args })
    const small = await ask('execute_command', { host, command: SMALL })
    const large = await ask('execute_command', { host, command: LARGE })
    const handle = (large.structuredContent as Result).command_id
    const page = await ask('get_command_output', { command_id: handle, offset: 500_000, max_bytes: 8_192 })
    const many = await ask('run_on_hosts', { hosts: ['*'], command: SAME })
    const listed = await ask('list_hosts', {})
    const described = await ask('describe_host', { host })
    const refused = await ask('execute_command', { host: 'no-such-host', command: SMALL })
    await client.close()
    const printed = (result: Result) => String((result.structuredContent as Result).stdout)
    const numbers = `${Array.from({ length: 200_000 }, (_, index) => index + 1).join('\n')}\n`
    const same = 'PRETTY_NAME=Debian GNU/Linux 12 (bookworm)\nactive\n'
    const each = Array.from({ length: HOSTS }, (_, index) => plainly(name(index), SAME, same)).join(',')
    const ways: Way[] = [
      way('execute_command, a line', small, plainly(host, SMALL, printed(small))),
      way('execute_command, 1.3 MB', large, plainly(host, LARGE, numbers)),
      way('get_command_output, 8 KiB of it', page),
      way(`run_on_hosts, ${HOSTS} that say the same`, many, `[${each}]`),
      way(`list_hosts, ${HOSTS}`, listed, JSON.stringify(listed.structuredContent)),
      way('describe_host', described, JSON.stringify(described.structuredContent)),
      way('a refusal', refused),
    ]
    const share = ({ values: [text = 0, , plain = 1] }: Way) => text / plain
    const [first, , , fourth] = ways as [Way, Way, Way, Way]
    return {
      tables: [
        {
          title: 'answers',
          measures: [
            { name: 'text', unit: 'tokens', better: 'less' },
            { name: 'structured', unit: 'tokens', better: 'less' },
            { name: 'plain JSON', unit: 'tokens', better: 'less' },
          ],
          ways,
        },
      ],
      reached: { small: share(first), same: share(fourth) },
    }
  },
})

function way(what: string, { content, structuredContent }: Result, plain?: string): Way {
  const text = (content as readonly { readonly text?: string }[]).map((part) => part.text ?? '').join('\n')
  const structured = structuredContent === undefined ? 0 : countTokens(JSON.stringify(structuredContent))
  const values = [countTokens(text), structured, plain === undefined ? undefined : countTokens(plain)]
  return { way: what, kind: 'ours', values }
}
