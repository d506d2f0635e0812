import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { openContender } from '../contenders/contender.ts'
import { OURS, ours } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { defineRow, type Way } from '../row.ts'

export const tools = defineRow({
  name: 'tools',
  title: 'What tools/list costs a conversation',
  about: 'The JSON of the answer to tools/list, in tokens of OpenAI’s o200k.',
  targets: { tokens: { what: 'tools/list', most: 4_000, unit: 'tokens' } },
  async measure(stage) {
    const sshd = await stage.sshd()
    const contenders = [...ours(await stage.home(), sshd).slice(0, 1), ...peers(stage, sshd)]
    const ways: Way[] = []
    for (const contender of contenders) {
      const { client, tools: listed } = await openContender(stage, contender)
      const tokens = countTokens(JSON.stringify(listed))
      ways.push({ way: contender.name, kind: contender.kind, values: [tokens, listed.length] })
      await client.close()
    }
    return {
      tables: [
        {
          title: 'tools/list',
          measures: [
            { name: 'size', unit: 'tokens', better: 'less' },
            { name: 'tools', unit: '', better: 'less' },
          ],
          ways,
        },
      ],
      reached: { tokens: ways.find(({ way }) => way === OURS)?.values[0] },
    }
  },
})
