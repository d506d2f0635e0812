import { Literals } from '../redaction/literals.ts'

/**
 * Words by which texts give orders to a model, or pass themselves off as the words of its user, of its maker, or of a tool. A few that ordinary
 * output does not have; whoever knows the list writes other ones, so it is a tripwire and not a wall.
 */
const ORDERS = [
  ...['ignore', 'disregard', 'forget', 'override'].flatMap((verb) => [
    ...[
      'previous',
      'prior',
      'earlier',
      'all previous',
      'all prior',
      'any previous',
      'the previous',
      'the above',
    ].map((which) => `${verb} ${which}`),
    ...['your instructions', 'all instructions', 'your previous', 'your rules', 'your system prompt'].map(
      (what) => `${verb} ${what}`,
    ),
  ]),
  ...['you are now a ', 'you are now an ', 'you are now in ', 'you are now the ', 'you are now acting'],
  ...['do not tell the user', "don't tell the user", 'without telling the user', 'do not inform the user'],
  ...[
    'new system prompt',
    'reveal your system prompt',
    'your new instructions',
    'new instructions for the assistant',
  ],
  ...[
    '<system>',
    '</system>',
    '<system_prompt',
    '<|im_start|>',
    '<|im_end|>',
    '<|system|>',
    '<<sys>>',
    '[/inst]',
  ],
  ...['<tool_result', '</tool_result', '<tool_call', '<function_result', '<function_call', '<|assistant|>'],
  ...[
    '<system-reminder',
    'begin system message',
    'as the ai assistant, you',
    'attention ai',
    'note to the ai',
  ],
]

const literals = new Literals(ORDERS.map((text) => ({ bytes: Buffer.from(text), ignoresCase: true })))

/** The first such words in the text; undefined when it has none. One pass, whatever its length. */
export function findOrder(text: string): string | undefined {
  if (text === '') return undefined
  let found: string | undefined
  literals.each(Buffer.from(text), (index) => {
    found ??= ORDERS[index]
  })
  return found
}
