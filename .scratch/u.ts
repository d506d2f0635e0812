import { understand } from '../src/policy/shell/understand.ts'
import { grammarsOf } from '../src/policy/grammar.ts'
import { BUILT_IN } from '../src/policy/grammars/list.ts'
const g = grammarsOf(BUILT_IN)
for (const c of process.argv.slice(2)) console.log('###', c, '\n', JSON.stringify(understand(c, g), null, 0))
