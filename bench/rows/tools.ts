import { openContender } from '../contenders/contender.ts'
import { OURS, ours } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { defineRow, type Way } from '../row.ts'

/** OpenAI's tokenizer (o200k) makes one token of four characters of such JSON, within three per cent. */
const CHARACTERS_PER_TOKEN = 4

export const tools = defineRow({
  name: 'tools',
  title: 'What tools/list costs a conversation',
  about:
    'The JSON of the answer to tools/list. Tokens are its characters by four, which is what the o200k tokenizer makes of it within 3 %.',
  targets: { tokens: { what: 'tools/list', most: 4_000, unit: 'tokens' } },
  async measure(stage) {
    const sshd = await stage.sshd()
    const contenders = [...ours(await stage.home(), sshd).slice(0, 1), ...peers(stage, sshd)]
    const ways: Way[] = []
    for (const contender of contenders) {
      const { client, tools: listed } = await openContender(stage, contender)
      const tokens = JSON.stringify(listed).length / CHARACTERS_PER_TOKEN
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
